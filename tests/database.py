"""The tests' own database: a copy of the one with the schema, made anew wherever a test has left something behind."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg
from django.conf import settings
from django.db import connection, connections
from django.test import TransactionTestCase

from tests import again, plugin, prepared

NAMES = {"sqlite": "file:heli-test?mode=memory&cache=shared", "postgresql": "test_heli"}
MOST_TESTS = 20
"""So many tests may roll back in one PostgreSQL database: the rows they wrote stay in its tables, dead, until a vacuum comes by,
and every later look at these tables passes over all of them, three times as slow at the end of a run."""


class Since:
    """Tests begun since the database was made."""

    tests = 0


def make() -> None:
    """The database as `heli migrate` would leave it, but for the shipped roles. Nobody is connected to it afterwards."""
    connections.close_all()
    name = NAMES[connection.vendor]
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    Since.tests = 0
    again.renewed()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(f"file:{prepared.schema_file()}?mode=ro&immutable=1", uri=True)) as made:
            connection.ensure_connection()
            made.backup(connection.connection)
        return
    folder = str(plugin.server(prepared.READY).folder)
    with psycopg.connect(host=folder, user="heli", dbname="postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {prepared.SCHEMA} STRATEGY file_copy")


def before_a_test() -> None:
    """Called between tests, when no transaction is open."""
    Since.tests += 1
    if connection.vendor == "postgresql" and Since.tests > MOST_TESTS:
        make()


def after_commits(case: TransactionTestCase) -> None:
    """What follows a test that commits, in place of emptying a hundred tables one by one."""
    make()
