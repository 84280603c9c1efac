#!/usr/bin/env python3
"""Draws the tables of a small trial and analyses them with statsmodels, pingouin and SciPy.

    pip install numpy pandas scipy statsmodels pingouin
    python3 make.py

writes photos.csv, changes.csv and expected.json beside it. The test `reference` holds vellus-stats against them. The
versions that made expected.json are in it. Ties, an uneven number of replicates, a third arm and missing cells are meant.
"""
import json
import pathlib

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
                photos.append([f"S{number:02}", "", arm, visit, visit_number, replicate, "measured", "", *values])
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
            changes.append([f"S{number:02}", arm, "24", 1, "compared", name, unit, baseline, change, error, verdict])
    changes.append(["S27", "low", "24", 1, "no_baseline", None, None, None, None, None, None])
    columns = ["subject", "site", "arm", "visit", "visit_number", "replicate", "status", "failure", *PHOTO]
    pd.DataFrame(photos, columns=columns).to_csv(HERE / "photos.csv", index=False)
    columns = ["subject", "arm", "visit", "visit_number", "status", "quantity", "unit", "baseline", "difference",
               "standard_error", "verdict"]
    pd.DataFrame(changes, columns=columns).to_csv(HERE / "changes.csv", index=False)


def repeatability(photos, quantity):
    table = photos.dropna(subset=[quantity]).copy()
    table["group"] = table.subject + "/" + table.visit.astype(str)
    sizes = table.groupby("group")[quantity].transform("size")
    table = table[sizes > 1]
    fit = smf.ols(f"{quantity} ~ C(group)", table).fit()
    sem, df = np.sqrt(fit.mse_resid), fit.df_resid
    ends = [np.sqrt(fit.ssr / stats.chi2.ppf(p, df)) for p in (0.975, 0.025)]
    groups = table.groupby("group")[quantity]
    cv = 100 * np.sqrt(np.mean(groups.var(ddof=1) / groups.mean() ** 2))
    usual = table[table.groupby("group")[quantity].transform("size") == 3]
    icc = pg.intraclass_corr(usual, targets="group", raters="replicate", ratings=quantity)
    values, cis = icc["ICC"].to_numpy(float), [list(map(float, ci)) for ci in icc[[c for c in icc if c.startswith("CI95")][0]]]
    wide = table.pivot(index="group", columns="replicate", values=quantity)
    d = (wide[2] - wide[1]).to_numpy()
    n, sd, t = len(d), d.std(ddof=1), stats.t.ppf(0.975, len(d) - 1)
    bias = DescrStatsW(d)
    half = t * sd * np.sqrt(1 / n + 1.96**2 / (2 * (n - 1)))
    around = lambda value: [value, value - half, value + half]
    return dict(sem=[sem, *ends], sdc=1.96 * np.sqrt(2) * sem, cv=cv, icc_2_1=[values[1], *cis[1]], icc_3_1=[values[2], *cis[2]],
                bias=[bias.mean, *bias.tconfint_mean()], lower=around(d.mean() - 1.96 * sd), upper=around(d.mean() + 1.96 * sd))


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
        arms={q: {a: arm(t) for a, t in table.groupby("arm")} for q, table in changes.groupby("quantity")},
        differences={q: {a: difference(table, a) for a in ("high", "low")} for q, table in changes.groupby("quantity")},
        sizes={q: size(table) for q, table in changes.groupby("quantity")})
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1, default=float) + "\n")


if __name__ == "__main__":
    main()
