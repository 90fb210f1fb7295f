"""Which places of a graph can be reached from each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def components(graph: Mapping[int, set[int]]) -> Iterator[list[int]]:
    """Split a graph into its strongly connected components, in Tarjan's way, without recursion.

    graph (Mapping[int, Set[int]]): By place, where one can go from there.
    YIELDS (List[int]): The places of a component.
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    open_places: list[int] = []
    is_open: set[int] = set()
    for root in graph:
        work = [root] if root not in index else []
        targets = {}
        while work:
            place = work[-1]
            if place not in index:
                index[place] = low[place] = len(index)
                open_places.append(place)
                is_open.add(place)
                targets[place] = iter(graph[place])
            for target in targets[place]:
                if target not in index:
                    work.append(target)
                    break
                if target in is_open:
                    low[place] = min(low[place], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1]] = min(low[work[-1]], low[place])
                if low[place] == index[place]:
                    component: list[int] = []
                    while not component or component[-1] != place:
                        component.append(open_places.pop())
                    is_open.difference_update(component)
                    yield component
