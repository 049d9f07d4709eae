"""What is known of the team-orienteering instances of the tours benchmark: published results and the best seen here.

No list of best-known values comes with the instances. ``PUBLISHED`` are the results of an iterated local search that
do come with them (``ils_results/TOPTW.xls``, best of several runs, for 1, 2, 3 and 4 teams); the literature may know
better ones, and so do we: ``SEEN`` holds what any solver reached in our own runs where it is more. Chao's instances
come without any result.
"""

_PUBLISHED = """
c101 320 590 810 1020
c102 360 650 900 1090
c103 400 710 960 1150
c104 420 730 990 1200
c105 340 640 860 1040
c106 340 620 860 1040
c107 370 670 890 1080
c108 370 680 900 1090
c109 380 710 940 1130
pr01 308 484 602 654
pr02 392 682 894 1019
pr03 392 718 963 1135
pr04 489 871 1200 1444
pr05 579 1023 1364 1682
pr06 553 980 1362 1707
pr07 298 560 725 835
pr08 463 810 1074 1285
pr09 483 837 1175 1479
pr10 568 1036 1433 1794
r101 198 349 484 611
r102 286 508 686 814
r103 293 517 730 888
r104 303 541 761 925
r105 247 453 619 767
r106 293 525 715 885
r107 299 535 745 908
r108 308 558 778 947
r109 277 498 702 867
r110 284 508 704 843
r111 297 539 755 914
r112 298 536 744 916
rc101 219 427 616 796
rc102 266 504 710 881
rc103 266 523 742 948
rc104 301 564 827 1021
rc105 244 478 681 861
rc106 252 481 687 876
rc107 277 520 759 945
rc108 298 537 763 961
"""

PUBLISHED = {
    (name, teams): int(worth)
    for name, *row in (line.split() for line in _PUBLISHED.split("\n") if line)
    for teams, worth in enumerate(row, 1)
}

SEEN: dict[tuple[str, int], int] = {
    ("c103", 2): 720, ("c104", 4): 1260, ("c107", 3): 910, ("r104", 2): 552, ("r108", 3): 797, ("r109", 4): 879,
    ("rc101", 3): 621, ("rc103", 2): 524, ("rc104", 4): 1063, ("rc107", 3): 767, ("pr03", 4): 1243, ("pr05", 1): 592,
    ("pr06", 3): 1497, ("pr10", 2): 1142, ("c109", 2): 720, ("r112", 2): 541, ("rc108", 2): 556, ("pr01", 2): 502,
    ("pr08", 2): 829,
}  # fmt: skip


def best_known(name: str, teams: int) -> int:
    """The larger of what is published and what was seen."""
    return max(PUBLISHED[name, teams], SEEN.get((name, teams), 0))
