#!/usr/bin/env python3
"""Opens the tables of a batch in pandas, polars and DuckDB, as CSV and as Parquet, and compares what they see.

usage: tables.py OUT        needs pandas, pyarrow, polars, duckdb

Of every table: both files have the same rows, columns and nulls in all three; types in Parquet are those of the data
dictionary; no text is empty; a column of the dictionary is in its table and none is missing.
"""
import csv
import pathlib
import sys

import duckdb
import pandas as pd
import polars as pl

TABLES = ["photos", "hairs", "units", "regions", "changes", "matches", "trends", "findings"]
POLARS = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
DUCKDB = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}


def check(folder, name, columns):
    parquet, text = folder / f"{name}.parquet", folder / f"{name}.csv"
    names = [column for column, _ in columns]
    by_polars = pl.read_parquet(parquet)
    assert by_polars.columns == names, (name, by_polars.columns, names)
    for column, kind in columns:
        assert by_polars.schema[column] == POLARS[kind], (name, column, by_polars.schema[column], kind)
        if kind == "text":
            assert not (by_polars[column] == "").any(), (name, column)
    from_text = pl.read_csv(text, schema_overrides={column: POLARS[kind] for column, kind in columns})
    assert from_text.equals(by_polars), (name, "CSV and Parquet differ in polars")

    by_pandas = pd.read_parquet(parquet)
    from_text = pd.read_csv(text, dtype={column: "string" for column, kind in columns if kind == "text"}, keep_default_na=False,
                            na_values=[""])
    assert list(by_pandas.columns) == list(from_text.columns) == names
    assert len(by_pandas) == len(from_text) == by_polars.height
    for column, kind in columns:
        nulls = by_polars[column].is_null().sum()
        assert by_pandas[column].isna().sum() == from_text[column].isna().sum() == nulls, (name, column)
        if kind in ("integer", "number") and nulls < len(by_pandas):
            assert (by_pandas[column].dropna().astype(float) == from_text[column].dropna().astype(float)).all(), (name, column)

    for file in (parquet, text):
        rows = duckdb.sql(f"select count(*) from '{file}'").fetchall()[0][0]
        assert rows == by_polars.height, (name, file, rows)
    types = dict(duckdb.sql(f"describe select * from '{parquet}'").project("column_name, column_type").fetchall())
    assert types == {column: DUCKDB[kind] for column, kind in columns}, (name, types)
    return by_polars.height


def main(out):
    folder = pathlib.Path(out) / "tables"
    with open(folder / "dictionary.csv", encoding="utf-8", newline="") as file:
        dictionary = list(csv.DictReader(file))
    assert sorted({row["table"] for row in dictionary}) == sorted(TABLES)
    assert all(row["meaning"] for row in dictionary)
    for name in TABLES:
        columns = [(row["column"], row["type"]) for row in dictionary if row["table"] == name]
        print(f"{name}: {check(folder, name, columns)} rows, {len(columns)} columns, the same in pandas, polars and DuckDB")
    # What a statistician asks first.
    density = duckdb.sql(f"select arm, visit, avg(density_per_cm2) from '{folder}/photos.parquet' group by all").fetchall()
    assert density


if __name__ == "__main__":
    main(sys.argv[1])
