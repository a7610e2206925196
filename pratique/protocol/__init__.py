"""Protocols as data: packs, decision tables, schedule arithmetic and the pure `evaluate`.

Pure Python, importable without Django. Read `README.md` for the room's words and laws.
"""
