"""Documents below paths, and the listings of what is below a path, as EC2 and its kin serve them."""

import json
import os

from tools.mock_cloud.server import Answer


class Tree:
    """``leaves`` maps paths to texts, bytes, or values that are served as JSON."""

    def __init__(self, leaves):
        self.leaves = {path: packed(value) for path, value in leaves.items()}

    def __call__(self, request):
        return self.at(request.path)

    def at(self, path):
        if path in self.leaves:
            return Answer(200, self.leaves[path])
        names = self.names(path if path.endswith("/") else path + "/")
        return Answer(200, "\n".join(names)) if names else Answer(404, "<h1>404 - Not Found</h1>")

    def names(self, folder):
        """What is directly below a folder, folders with a slash, keys of public-keys with a name."""
        found = {}
        for path in self.leaves:
            if path.startswith(folder):
                name, slash, _ = path[len(folder) :].partition("/")
                found[name] = name + slash
        if folder.endswith("/public-keys/"):
            for name in found:
                key = self.leaves[f"{folder}{name}/openssh-key"].decode().split()
                found[name] = f"{name}={key[2] if len(key) > 2 else 'key'}"
        return sorted(found.values())


def packed(value):
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def nested(prefix, value):
    """Leaves of nested mappings; a list is a leaf of several lines."""
    if isinstance(value, dict):
        return {path: leaf for key, inner in value.items() for path, leaf in nested(f"{prefix}/{key}", inner).items()}
    return {prefix: "\n".join(value) if isinstance(value, list) else value}


def folder(path):
    """Leaves of a folder of files; with a JSON file, the mapping of paths in it."""
    if os.path.isfile(path):
        with open(path) as file:
            return json.load(file)
    found = {}
    for top, _, names in os.walk(path):
        for name in names:
            with open(os.path.join(top, name), "rb") as file:
                found["/" + os.path.relpath(os.path.join(top, name), path)] = file.read()
    return found
