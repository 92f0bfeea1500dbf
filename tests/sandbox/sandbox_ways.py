"""The kinds of sandbox that this machine can be made to use, as arguments of `detect`."""

WAYS = {
    "bubblewrap": {},
    "private view": {"bubblewrap": False},
    "landlock only": {"bubblewrap": False, "namespaces": False},
}
