"""The public API as OpenAPI 3.1, made from the code: `make openapi` writes `infra/openapi.yaml`.

Paths and methods are those of the functions' own routes, scopes what each handler asks of a key,
descriptions its docstring, schemas the very models that read and write. What the code cannot say
is in ``operations``: a name, an example that a test sends for real, and what comes back.

``document`` puts it together from ``operations`` (with ``examples``) and ``schemas`` (with
``events``).
"""
