#!/usr/bin/env python3
"""Draws the tables of a small trial and analyses them with statsmodels, pingouin and SciPy.

    pip install numpy pandas scipy statsmodels pingouin
    python3 make.py

writes photos.csv, changes.csv, complete.json and expected.json beside it. The test `reference` holds vellus-stats against them. The
versions that made expected.json are in it. Ties, an uneven number of replicates, other labels, copies of a photo, rows out of order, a third arm, missing cells and one
code at two sites are meant.
"""
import json
import pathlib
import re

import numpy as np
import pandas as pd
import pingouin as pg
import scipy
import statsmodels
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.power import normal_sample_size_one_tail
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

HERE = pathlib.Path(__file__).parent
PHOTO = ["hair_count", "density_per_cm2", "mean_diameter_um", "median_diameter_um", "cumulative_thickness_mm_per_cm2",
         "units_per_cm2", "hairs_per_unit", "mean_length_um"]
CHANGE = {"density_per_cm2": ("hairs/cm²", 130, 25, 9), "mean_diameter_um": ("µm", 58, 7, 2),
          "hairs_per_unit": ("hairs", 2, 0.2, 0.1)}
ARMS = {"low": 4.0, "high": 9.0, "placebo": 0.0}
pg.options["round"] = None
pg.options["round.column.CI95"] = None


def draw():
    rng = np.random.default_rng(20)
    photos, changes = [], []
    for number in range(27):
        arm = list(ARMS)[number % 3]
        for visit_number, visit in enumerate(["0", "24"]):
            level = rng.normal(130 + visit_number * ARMS[arm], 20)
            for replicate in range(1, (3 if number % 9 else 2) + 1):
                density = level + 0.8 * replicate + rng.normal(0, 4)
                diameter = 58 + 0.1 * (level - 130) + rng.normal(0, 1.5)
                values = [round(density / 4), round(density, 3), round(diameter, 3), round(diameter - 1, 3),
                          round(density * diameter / 1000, 4), round(density / 2.1, 3), 2.1, None]
                photos.append([*subject(number), arm, visit, visit_number, replicate, f"hash-{len(photos)}", "measured", "", *values])
        for name, (unit, mean, sd, noise) in CHANGE.items():
            # Few subjects, not equally many: exact ranks.
            if name == "hairs_per_unit" and number > 13:
                continue
            scale = sd / 25
            baseline = round(rng.normal(mean, sd), 3)
            # Rounded to halves in the second quantity: ties.
            change = rng.normal(ARMS[arm] * scale - 0.1 * (baseline - mean), noise)
            change = round(change * 2) / 2 if name.startswith("mean") else round(change, 3)
            error = round(abs(rng.normal(noise / 2, noise / 8)), 3)
            verdict = "increase" if change > 1.96 * error else "no change beyond measurement error"
            changes.append([*subject(number), arm, "24", 1, "compared", name, unit, baseline, change, error, verdict])
    # Copies of a photo, without a draw: they count once. Of two subjects the labels are 2, 3.
    for copied, hash_at in (("S05", 7), ("S07", 7)):
        row = next(row for row in photos if row[0] == copied)
        photos.append([*row[:5], 4, row[6], *row[hash_at:]])
    photos = [row for row in photos if row[0] not in ("S10", "S11") or row[5] != 1]
    # Not in the order of their labels.
    photos = [photos[i] for i in np.random.default_rng(21).permutation(len(photos))]
    changes.append(["S27", None, "low", "24", 1, "no_baseline", None, None, None, None, None, None])
    columns = ["subject", "site", "arm", "visit", "visit_number", "replicate", "content_hash", "status", "failure", *PHOTO]
    pd.DataFrame(photos, columns=columns).to_csv(HERE / "photos.csv", index=False)
    columns = ["subject", "site", "arm", "visit", "visit_number", "status", "quantity", "unit", "baseline", "difference",
               "standard_error", "verdict"]
    pd.DataFrame(changes, columns=columns).to_csv(HERE / "changes.csv", index=False)
    (HERE / "complete.json").write_text("{}\n")


def subject(number):
    # Subject 20 has the code of subject 6, at another site.
    return ("S06", "nape") if number == 20 else (f"S{number:02}", "")


def repeatability(photos, quantity):
    table = photos.dropna(subset=[quantity]).sort_values("replicate").drop_duplicates("content_hash").copy()
    table["group"] = table.subject + "/" + table.site.fillna("") + "/" + table.visit.astype(str)
    sizes = table.groupby("group")[quantity].transform("size")
    table = table[sizes > 1]
    fit = smf.ols(f"{quantity} ~ C(group)", table).fit()
    sem, df = np.sqrt(fit.mse_resid), fit.df_resid
    ends = [np.sqrt(fit.ssr / stats.chi2.ppf(p, df)) for p in (0.975, 0.025)]
    groups = table.groupby("group")[quantity]
    cv = 100 * np.sqrt(np.mean(groups.var(ddof=1) / groups.mean() ** 2))
    usual = table[table.groupby("group")[quantity].transform("size") == 3].sort_values(["group", "replicate"])
    icc = pg.intraclass_corr(usual, targets="group", raters="replicate", ratings=quantity)
    values, cis = icc["ICC"].to_numpy(float), [list(map(float, ci)) for ci in icc[[c for c in icc if c.startswith("CI95")][0]]]
    wide = table.pivot(index="group", columns="replicate", values=quantity)
    d = (wide[2] - wide[1]).dropna().to_numpy()
    n, sd, t = len(d), d.std(ddof=1), stats.t.ppf(0.975, len(d) - 1)
    bias = DescrStatsW(d)
    half = t * sd * np.sqrt(1 / n + 1.96**2 / (2 * (n - 1)))
    around = lambda value: [value, value - half, value + half]
    counts = [table.group.nunique(), usual.group.nunique(), len(d)]
    return dict(counts=counts, sem=[sem, *ends], sdc=1.96 * np.sqrt(2) * sem, cv=cv, icc_2_1=[values[1], *cis[1]], icc_3_1=[values[2], *cis[2]],
                bias=[bias.mean, *bias.tconfint_mean()], lower=around(d.mean() - 1.96 * sd), upper=around(d.mean() + 1.96 * sd))


def small_iccs():
    """Few groups and hardly any differences between them: limits by few and broken degrees of freedom."""
    rng, cases = np.random.default_rng(22), []
    for n in range(2, 11):
        # pingouin wants five photos at least.
        for k in (2, 3, 4) if n > 2 else (3, 4):
            for spread, drift in ((0, 0), (0, 3), (0.3, 0), (0, 30)):
                values = np.round(100 + rng.normal(0, spread, (n, 1)) + drift * np.arange(k) + rng.normal(0, 1, (n, k)), 3)
                long = pd.DataFrame([(i, j, values[i, j]) for i in range(n) for j in range(k)], columns=["group", "replicate", "x"])
                try:
                    with np.errstate(over="raise"):
                        icc = pg.intraclass_corr(long, targets="group", raters="replicate", ratings="x")
                except FloatingPointError:
                    # An F beyond the largest number: pingouin's limit would be infinite over infinite.
                    continue
                cis = icc[[c for c in icc if c.startswith("CI95")][0]]
                case = {name: [float(icc["ICC"][row]), *map(float, cis[row])] for name, row in (("icc_2_1", 1), ("icc_3_1", 2))}
                cases.append(dict(values=values.tolist(), **case))
    return cases


def f_points():
    """F that is exceeded by 2.5 %."""
    df = [1e-3, 0.01, 0.05, 0.1, 0.3, 0.5, 0.9, 1, 1.5, 2, 3.7, 9, 40, 300, 5000]
    points = ((a, b, float(stats.f.isf(0.025, a, b))) for a in df for b in df)
    return [point for point in points if 1e-300 < point[2] < 1e300]


def arm(table):
    change = DescrStatsW(table.difference)
    count = int((table.verdict == "increase").sum())
    return dict(change=[change.mean, *change.tconfint_mean()], sd=table.difference.std(ddof=1), responders=count,
                rate=[count / len(table), *proportion_confint(count, len(table), method="wilson")])


def difference(table, name):
    x, y = (table[table.arm == a].difference.to_numpy() for a in (name, "placebo"))
    compared = CompareMeans(DescrStatsW(x), DescrStatsW(y))
    t, p, df = compared.ttest_ind(usevar="unequal")
    ranks = stats.mannwhitneyu(x, y)
    fit = smf.ols("I(baseline + difference) ~ baseline + C(arm, Treatment('placebo'))", table).fit()
    term = f"C(arm, Treatment('placebo'))[T.{name}]"
    responders = [[int(f(table[table.arm == a].verdict).sum()) for f in (lambda v: v == "increase", lambda v: v != "increase")]
                  for a in (name, "placebo")]
    return dict(welch=[x.mean() - y.mean(), *compared.tconfint_diff(usevar="unequal")], t=t, df=df, p=p,
                u=ranks.statistic, u_p=ranks.pvalue, ancova=[fit.params[term], *fit.conf_int().loc[term]], ancova_se=fit.bse[term],
                ancova_p=fit.pvalues[term], ancova_df=fit.df_resid, residual_sd=np.sqrt(fit.mse_resid),
                fisher=stats.fisher_exact(responders).pvalue)


def size(table):
    sd = np.sqrt(smf.ols("difference ~ C(arm)", table).fit().mse_resid)
    delta = 0.1 * table.baseline.mean()
    return dict(sd=sd, n=float(normal_sample_size_one_tail(delta, 0.8, 0.025, sd * np.sqrt(2))))


def main():
    draw()
    photos = pd.read_csv(HERE / "photos.csv")
    changes = pd.read_csv(HERE / "changes.csv").dropna(subset=["quantity"])
    expected = dict(
        versions=dict(numpy=np.__version__, scipy=scipy.__version__, statsmodels=statsmodels.__version__, pingouin=pg.__version__),
        repeatability={q: repeatability(photos, q) for q in ("density_per_cm2", "mean_diameter_um")},
        small_iccs=small_iccs(), f_points=f_points(),
        arms={q: {a: arm(t) for a, t in table.groupby("arm")} for q, table in changes.groupby("quantity")},
        differences={q: {a: difference(table, a) for a in ("high", "low")} for q, table in changes.groupby("quantity")},
        sizes={q: size(table) for q, table in changes.groupby("quantity")})
    # A line per case keeps the lists readable.
    text = re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), json.dumps(expected, indent=1, default=float))
    (HERE / "expected.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
