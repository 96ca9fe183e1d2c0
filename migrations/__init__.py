"""The history of the database's schema, run by `app.db.migrate`."""
