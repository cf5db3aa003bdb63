"""A resolver whose answers a test writes, as an enemy's name server would."""


class Names:
    """Answers each name with its addresses, in turn: the second time with the second list, and so on."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): list(lists) for name, lists in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        lists = self.answers.get(host)
        if lists is None:
            raise OSError(-2, "Name or service not known")
        return lists.pop(0) if len(lists) > 1 else lists[0]
