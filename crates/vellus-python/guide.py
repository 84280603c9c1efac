# %% [markdown]
# # From ten photos to the change per arm
#
# A trial in small: five subjects, two visits, two arms. The photos are drawn, so that everybody can run this, and so that the truth
# is known; with photos of your own, begin at "The manifest". The cells run in Jupyter (as a notebook, by jupytext), in VS Code and
# in Spyder, and as a script: `python guide.py`. It needs vellus, pandas, pyarrow and matplotlib.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import vellus

folder = Path("guide-photos")
folder.mkdir(exist_ok=True)

# %% [markdown]
# ## Ten photos
#
# Under treatment hairs are gained and get thicker (`regrowth`); under placebo the camera is only put down again (`null`).

# %%
subjects = {"S1": "treatment", "S2": "treatment", "S3": "treatment", "S4": "placebo", "S5": "placebo"}
rows = []
for number, (subject, arm) in enumerate(subjects.items()):
    kind = "regrowth" if arm == "treatment" else "null"
    pair = vellus.phantom_pair(kind, seed=11 + number, size=(900, 720))
    for visit, drawn in [("baseline", pair.baseline), ("week 12", pair.follow_up)]:
        rows.append(
            {
                "photo": drawn.save(folder).name,
                "subject": subject,
                "visit": visit,
                "arm": arm,
                "um_per_px": drawn.um_per_px,
            }
        )

# %% [markdown]
# ## One photo first
#
# In a notebook a measurement shows itself: the photo with every hair outlined, and the numbers with their intervals.

# %%
first = vellus.measure(folder / "clipped_typical_regrowth_s11_a.jpg", um_per_px=5)
print(first)
first

# %% [markdown]
# Look at it before you trust a number: whether the hairs are where you see them, and what is in doubt.

# %%
print(first.quality.verdict, [finding.message for finding in first.quality.findings])

# %% [markdown]
# Every hair is a row; the columns go into pandas as they are.

# %%
hairs = pd.DataFrame(first.hairs)
counted = hairs[hairs["counted"]]
print(counted[["id", "diameter_um", "diameter_se_um", "length_um", "class"]].head())

# %% [markdown]
# ## The manifest
#
# A table with a row per photo says whose it is.

# %%
manifest = folder / "trial.csv"
pd.DataFrame(rows).to_csv(manifest, index=False)

# %% [markdown]
# ## All ten
#
# Follow-ups are compared with their baseline, hair to hair, over the skin that both photos show. Run it again, and only what changed
# is measured.

# %%
outcome = vellus.batch(manifest, "guide-out")
assert outcome is not None
print(outcome)
for doubt in outcome.doubts:
    print("look at:", doubt)

# %%
changes = pd.read_parquet(outcome.tables / "changes.parquet")
density = changes[changes["quantity"] == "density_per_cm2"]
print(density[["subject", "arm", "baseline", "follow_up", "difference", "ci95_low", "ci95_high", "verdict"]])

# %% [markdown]
# ## Change per arm
#
# A point is a subject, with the 95 % interval of its change; the bar is the mean of the arm. A change whose interval holds zero is
# within the error of measurement. Five subjects prove nothing: `vellus stats guide-out` has the interval of each arm, the difference
# of the arms, and how many subjects a trial needs.

# %%
arms = density.groupby("arm")["difference"]
figure, axes = plt.subplots(figsize=(5, 3.6), layout="constrained")
for place, (_, of_arm) in enumerate(density.groupby("arm")):
    across = [place + 0.12 * (k - (len(of_arm) - 1) / 2) for k in range(len(of_arm))]
    below = of_arm["difference"] - of_arm["ci95_low"]
    above = of_arm["ci95_high"] - of_arm["difference"]
    axes.errorbar(across, of_arm["difference"], yerr=[below, above], fmt="o", capsize=3, color=f"C{place}")
    axes.hlines(of_arm["difference"].mean(), place - 0.3, place + 0.3, color=f"C{place}")
axes.axhline(0, color="0.6", linewidth=0.8)
axes.set_xticks(range(len(arms)), [str(arm) for arm in arms.groups])
axes.set_ylabel("Change of density, hairs per cm²")
axes.set_title("Baseline to week 12")
figure.savefig("change-per-arm.png", dpi=150)
print(arms.mean())
