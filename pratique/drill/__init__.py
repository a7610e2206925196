"""The drill: a county played through the public HTTP API, by devices that know nothing else.

It is a door's counterpart, a client: it reads no table and calls no room. See README.md here.
"""
