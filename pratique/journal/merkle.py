"""The Merkle log's arithmetic (RFC 9162, section 2.1), pure.

A frontier is the list of roots of the perfect subtrees that make up a tree of some size, largest
first: all that is needed to append and to tell the root.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def append(
    size: int, frontier: Sequence[bytes], leaves: Iterable[bytes]
) -> tuple[int, list[bytes]]:
    """The frontier after appending leaf hashes to a tree of `size` leaves."""
    stack = list(frontier)
    for leaf in leaves:
        node, count = leaf, size
        while count & 1:
            node = node_hash(stack.pop(), node)
            count >>= 1
        stack.append(node)
        size += 1
    return size, stack


def root_of(frontier: Sequence[bytes]) -> bytes:
    """The root of the tree that a frontier stands for."""
    if not frontier:
        return EMPTY_ROOT
    node = frontier[-1]
    for left in reversed(frontier[:-1]):
        node = node_hash(left, node)
    return node


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, from the definition."""
    return root_of(append(0, [], leaves)[1])


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf `index` (RFC 9162, 2.1.3.1), nearest first."""
    if not 0 <= index < len(leaves):
        raise ValueError("no such leaf")
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*inclusion_path(leaves[:k], index), tree_root(leaves[k:])]
    return [*inclusion_path(leaves[k:], index - k), tree_root(leaves[:k])]


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """RFC 9162, 2.1.3.2. Hashes that are not 32 bytes and impossible positions are refused."""
    if not 0 <= index < size or any(len(h) != HASH_BYTES for h in (leaf, root, *path)):
        return False
    fn, sn, node = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            node = node_hash(sibling, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = node_hash(node, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and node == root


def consistency_path(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """That the tree of `first` leaves is a prefix of this one (RFC 9162, 2.1.4.1)."""
    if not 0 < first <= len(leaves):
        raise ValueError("no such earlier tree")
    return _subproof(first, leaves, whole=True)


def _subproof(first: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [tree_root(leaves)]
    k = _split(len(leaves))
    if first <= k:
        return [*_subproof(first, leaves[:k], whole=whole), tree_root(leaves[k:])]
    return [*_subproof(first - k, leaves[k:], whole=False), tree_root(leaves[:k])]


def verify_consistency(
    first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """RFC 9162, 2.1.4.2. An earlier tree of size 0 proves nothing and is refused."""
    if not 0 < first <= second or any(
        len(h) != HASH_BYTES for h in (first_root, second_root, *path)
    ):
        return False
    if first == second:
        return not path and first_root == second_root
    nodes = list(path)
    if first & (first - 1) == 0:
        nodes.insert(0, first_root)
    if not nodes:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first_node = second_node = nodes[0]
    for node in nodes[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first_node, second_node = node_hash(node, first_node), node_hash(node, second_node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second_node = node_hash(second_node, node)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first_node == first_root and second_node == second_root
