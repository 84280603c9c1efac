"""Writes numeric.json: reference values of the numeric steps, from NumPy and SciPy.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    venv/bin/python tests/reference/make.py > tests/reference/numeric.json
"""

import json

import numpy as np
from scipy import ndimage, optimize, stats


def rounded(values, digits=7):
    return [round(float(v), digits) for v in np.ravel(values)]


def gaussian():
    """A plane of small integers, smoothed. The kernel's reach is that of vellus, 4 sigma rounded up."""
    plane = np.random.default_rng(1).integers(0, 10, (7, 9)).astype(float)
    smooth = {}
    for sigma in (0.8, 1.5):
        radius = int(np.ceil(4 * sigma))
        smooth[str(sigma)] = rounded(ndimage.gaussian_filter(plane, sigma, mode="nearest", radius=radius))
    return {"width": 9, "height": 7, "plane": rounded(plane), "smooth": smooth}


def ridges():
    """Two blurred lines, and the strongest ridge points at sigma = 1.5: position and -lambda sigma^1.5.

    Second differences of the smoothed plane, eigenvalues by eigh, the extremum along the eigenvector.
    """
    sigma, (height, width) = 1.5, (26, 30)
    y, x = np.mgrid[:height, :width].astype(float)
    plane = np.zeros((height, width))
    for px, py, angle, thick, dark in ((9, 8, 0.4, 1.4, 1.0), (20, 17, 1.9, 2.2, 0.7)):
        along = (x - px) * np.cos(angle) + (y - py) * np.sin(angle)
        across = -(x - px) * np.sin(angle) + (y - py) * np.cos(angle)
        plane += dark * np.exp(-0.5 * (across / thick) ** 2 - 0.5 * (along / 5.0) ** 2)
    plane = np.round(plane, 4)
    s = ndimage.gaussian_filter(plane, sigma, mode="nearest", radius=int(np.ceil(4 * sigma)))
    points = []
    for j in range(1, height - 1):
        for i in range(1, width - 1):
            xx = s[j, i - 1] - 2 * s[j, i] + s[j, i + 1]
            yy = s[j - 1, i] - 2 * s[j, i] + s[j + 1, i]
            xy = (s[j + 1, i + 1] - s[j + 1, i - 1] - s[j - 1, i + 1] + s[j - 1, i - 1]) / 4
            values, vectors = np.linalg.eigh([[xx, xy], [xy, yy]])
            n = vectors[:, 0]
            gradient = np.array([s[j, i + 1] - s[j, i - 1], s[j + 1, i] - s[j - 1, i]]) / 2
            if values[0] >= 0:
                continue
            offset = -(gradient @ n) / values[0] * n
            if np.abs(offset).max() <= 0.5:
                points.append((-values[0] * sigma**1.5, i + offset[0], j + offset[1]))
    points.sort(reverse=True)
    return {
        "width": width, "height": height, "sigma_px": sigma, "plane": rounded(plane, 4),
        "points": [rounded((px, py, strength), 5) for strength, px, py in points[:12]],
    }


def half_maximum():
    """Width at half of the maximum of a bar of width 1 blurred by 1/ratio, in units of the bar."""
    table = []
    for ratio in (1.0, 1.5, 2.0, 3.0, 4.0):
        s = 1 / ratio
        f = lambda t: stats.norm.cdf((t + 0.5) / s) - stats.norm.cdf((t - 0.5) / s)
        table.append(rounded((ratio, 2 * optimize.brentq(lambda t: f(t) - f(0) / 2, 0, 9)), 5))
    return table


def count():
    """Exact 95 % range of the number of hairs when each is one with its own probability (Poisson-binomial)."""
    confidences = np.round(np.random.default_rng(2).uniform(0.4, 1.0, 40), 3)
    pmf = np.array([1.0])
    for p in confidences:
        pmf = np.convolve(pmf, [1 - p, p])
    cdf = np.cumsum(pmf)
    return {
        "confidences": rounded(confidences, 3),
        "range95": [int(np.searchsorted(cdf, q)) for q in (0.025, 0.975)],
    }


def diameters():
    """Mean, median and sample standard deviation of diameters; circular mean and concentration of directions."""
    rng = np.random.default_rng(3)
    values = np.round(rng.normal(65, 15, 12), 2)
    degrees = np.round(rng.normal(170, 30, 12), 2)
    phasor = np.exp(1j * np.radians(degrees)).mean()
    return {
        "diameters_um": rounded(values, 2),
        "directions_deg": rounded(degrees, 2),
        "mean": round(float(values.mean()), 6),
        "median": round(float(np.median(values)), 6),
        "sd": round(float(values.std(ddof=1)), 6),
        "direction_deg": round(float(stats.circmean(degrees, high=180, low=-180)), 6),
        "concentration": round(float(abs(phasor)), 6),
    }


print(json.dumps({
    "gaussian": gaussian(), "ridges": ridges(), "half_maximum": half_maximum(), "count": count(),
    "diameters": diameters(), "z95": round(float(stats.norm.ppf(0.975)), 12),
}))
