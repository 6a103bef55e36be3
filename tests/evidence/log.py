"""A second implementation of what a reader of our logs computes: RFC 6962, C2SP tiles and notes, the leaf.

Nothing of it comes from the code under test. Ed25519 is that of the openssl command.
"""

import base64
import hashlib
import json
import os
import subprocess
import tempfile


def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size):
    k = 1
    while 2 * k < size:
        k *= 2
    return k


def root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(root(leaves[:k]), root(leaves[k:]))


def root_of_inclusion(index, size, leaf, proof):
    """The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2)."""
    if index >= size:
        raise ValueError("index beyond the tree")
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while at & 1 == 0 and at:
                at >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        at >>= 1
        last >>= 1
    if last:
        raise ValueError("the proof is too short")
    return found


def check_consistency(first, first_root, second, second_root, proof):
    """RFC 9162 section 2.1.4.2, for 0 < first < second."""
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)  # the old root is a node of the new tree
    at, last = first - 1, second - 1
    while at & 1:
        at >>= 1
        last >>= 1
    old = new = path[0]
    for node in path[1:]:
        assert last, "the proof is too long"
        if at & 1 or at == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while at & 1 == 0 and at:
                at >>= 1
                last >>= 1
        else:
            new = node_hash(new, node)
        at >>= 1
        last >>= 1
    assert not last, "the proof is too short"
    assert (old, new) == (first_root, second_root), "another tree"


def tile_path(level, index, width):
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/" + "/".join(groups) + ("" if width == 256 else f".p/{width}")


class Prefixes:
    """The roots of a tree at every size while leaves are added."""

    def __init__(self):
        self.size, self.edge = 0, []  # (level, hash), largest first

    def add(self, leaf):
        level = 0
        while self.edge and self.edge[-1][0] == level:
            leaf = node_hash(self.edge.pop()[1], leaf)
            level += 1
        self.edge.append((level, leaf))
        self.size += 1

    def root(self):
        if not self.edge:
            return root([])
        found = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            found = node_hash(left, found)
        return found


def read_leaf_hashes(client, prefix, size):
    """All hashes of level 0, by tiles."""
    hashes = []
    for index in range((size + 255) // 256):
        width = min(256, size - 256 * index)
        answer = client.get(f"{prefix}/{tile_path(0, index, width)}")
        assert answer.status == 200 and len(answer.body) == 32 * width, answer
        hashes += [answer.body[i:i + 32] for i in range(0, 32 * width, 32)]
    return hashes


def bundle_of(body):
    leaves = []
    while body:
        length = int.from_bytes(body[:2], "big")
        assert len(body) >= 2 + length, "a bundle breaks off"
        leaves.append(body[2:2 + length])
        body = body[2 + length:]
    return leaves


class Key:
    """A verifier key: name, key id, 32 bytes."""

    def __init__(self, vkey):
        self.name, identifier, encoded = vkey.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        assert raw[0] == 1 and len(raw) == 33, vkey
        self.id, self.public = bytes.fromhex(identifier), raw[1:]
        assert hashlib.sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4] == self.id

    def verifies(self, message, signature):
        with tempfile.TemporaryDirectory(prefix="piperoll-test-") as folder:
            paths = {}
            for name, content in (("key", bytes.fromhex("302a300506032b6570032100") + self.public),
                                  ("message", message), ("signature", signature)):
                paths[name] = os.path.join(folder, name)
                with open(paths[name], "wb") as file:
                    file.write(content)
            done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin", "-inkey", paths["key"],
                                   "-in", paths["message"], "-sigfile", paths["signature"]], capture_output=True, check=False)
            return done.returncode == 0


def open_checkpoint(note, key):
    """(origin, size, root) of a checkpoint that the key signed."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    origin, size, encoded = text.split("\n")[:3]
    assert origin == key.name and text.count("\n") == 3, note
    for line in signatures.strip().split("\n"):
        dash, name, blob = line.split(" ")
        raw = base64.b64decode(blob, validate=True)
        if dash == "\u2014" and name == key.name and raw[:4] == key.id:
            assert key.verifies(text.encode(), raw[4:]), "a bad signature"
            return origin, int(size), base64.b64decode(encoded, validate=True)
    raise AssertionError("no signature by the log's key")


def unpadded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def check_proof(proof, key):
    """Everything between the disclosures and the signature."""
    origin, size, tree_root = open_checkpoint(proof["checkpoint"], key)
    assert origin == proof["origin"]
    leaf = proof["leaf"].encode()
    assert base64.b64decode(proof["leaf_hash"]) == leaf_hash(leaf)
    if size == proof["tree_size"]:
        inclusion = [base64.b64decode(node) for node in proof["inclusion"]]
        assert root_of_inclusion(proof["index"], size, leaf_hash(leaf), inclusion) == tree_root
    manifest = json.loads(proof["manifest"])
    assert json.loads(proof["leaf"])["c"] == unpadded(hashlib.sha256(proof["manifest"].encode()).digest())
    assert manifest["log"] == origin and len(manifest["_sd"]) == 12 and len(set(manifest["_sd"])) == 12
    names = ["event", "text", "actor", "actor_person", "target", "target_name", "request", "client", "context", "params", "metadata", "extra"]
    shown = {}
    for name, text in proof["disclosures"].items():
        assert manifest["_sd"][names.index(name)] == unpadded(hashlib.sha256(text.encode()).digest()), name
        _, said, value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        assert said == name
        shown[name] = value
    return shown
