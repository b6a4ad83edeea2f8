"""The printing house: one description of an official paper, printed as Word, PDF or Excel.

    from zugong.bulletins.papers import paper, word
    word.render(paper.Paper(title=…, issuer=…, day=…, blocks=(…)))

`values` says how a figure is written; `charts` draws; `paper` describes; `word`, `pdf` and `excel` print the same
facts. Drawing and PDF load heavy libraries, so they load them when first used.
"""
