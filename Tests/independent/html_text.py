#!/usr/bin/env python3
"""html_text.py PAGES: the text of pages after the rules of docs/formats.md, over the tokenizer of html5lib.

PAGES holds pages divided by U+0000, each beginning with `x` (served as XHTML) or `h`. Prints for each of them its title and its
text, each followed by U+0000, before Unicode normalization; in place of both `!` and a code when a limit refuses the page.
"""
import sys

from html5lib._tokenizer import HTMLTokenizer
from html5lib.constants import tokenTypes

DROPPED = set("script style template noscript iframe object svg canvas audio video noembed noframes".split())
BLOCK = set(
    "address article aside body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form frameset header hgroup hr html legend li"
    " listing main menu nav ol optgroup option search section select summary table tbody tfoot thead tr ul".split()
)
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
PARAGRAPH = {"p", "blockquote"} | HEADINGS
PREFORMATTED = set("pre textarea xmp plaintext".split())
VOID = set("area base basefont bgsound br col embed frame hr image img input keygen link meta param source track wbr".split())
PAGE = set("html head body frameset".split())
RAW = set("style noscript iframe noembed noframes xmp".split())
ENDS_P = HEADINGS | set(
    "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form header hgroup hr li listing main menu nav"
    " ol p plaintext pre search section summary table ul xmp".split()
)
SPECIAL = HEADINGS | set(
    "address applet area article aside base basefont bgsound blockquote body br button caption center col colgroup dd details dir div dl dt embed fieldset"
    " figcaption figure footer form frame frameset head header hgroup hr html iframe img input keygen li link listing main marquee menu meta nav noembed"
    " noframes noscript object ol p param plaintext pre script search section select source style summary table tbody td template textarea tfoot th thead"
    " title tr track ul wbr xmp".split()
)
SCOPE = set("applet caption html marquee object table td template th".split())
FORMATTING = set("a b big code em font i nobr s small strike strong tt u".split())
IN_SCOPE_END = set(
    "address applet article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer form header hgroup listing main"
    " marquee menu nav object ol pre search section select summary ul dd dt".split()
)
BREAKOUT = HEADINGS | set(
    "b big blockquote body br center code dd div dl dt em embed head hr i img li listing menu meta nobr ol p pre ruby s small span strike strong sub sup table"
    " tt u ul var".split()
)
INTEGRATION = set("annotation-xml desc foreignobject mi mn mo ms mtext title".split())
SECTIONS = {"tbody", "thead", "tfoot"}
TABLE_PARTS = SECTIONS | {"caption", "colgroup", "col", "td", "th", "tr"}
SPACE = " \t\n\r\f"


class Refused(Exception):
    pass


class Text:
    """White space of text collapses; of what is preformatted, only what ends a line goes."""

    def __init__(self):
        self.parts, self.breaks, self.space, self.tabs, self.run = [], 0, False, 0, ""

    def line(self, count=1):
        self.space, self.tabs, self.run = False, 0, ""
        if self.parts:
            self.breaks = max(self.breaks, count)

    def meant_break(self):
        self.space, self.tabs, self.run = False, 0, ""
        if self.parts:
            self.breaks = min(2, self.breaks + 1)

    def cell(self):
        self.space = False
        if self.parts and not self.breaks:
            self.tabs += 1

    def character(self, character):
        if self.breaks:
            self.parts.append("\n" * self.breaks)
        elif self.tabs:
            self.parts.append("\t" * self.tabs)
        elif self.space and self.parts:
            self.parts.append(" ")
        self.parts.append(self.run + character)
        self.breaks, self.tabs, self.space, self.run = 0, 0, False, ""

    def add(self, text):
        for character in text:
            if character in SPACE:
                if not self.breaks and not self.tabs:
                    self.space = True
            else:
                self.character(character)

    def add_preformatted(self, text):
        for character in text:
            if character == "\n":
                self.meant_break()
            elif character in " \t\f":
                self.run += character
            elif character != "\r":
                self.character(character)

    def __str__(self):
        return "".join(self.parts)


class Element:
    def __init__(self, name, foreign, role):
        self.name, self.foreign, self.role = name, foreign, role
        self.integration = foreign and name in INTEGRATION

    @property
    def scope(self):
        return self.integration if self.foreign else self.name in SCOPE

    @property
    def special(self):
        return self.integration if self.foreign else self.name in SPECIAL


class Tree:
    """What html5lib's tokenizer asks of a parser: whether a CDATA section is one."""

    class Namespace:
        def __init__(self, namespace):
            self.namespace = namespace

    defaultNamespace = "html"

    def __init__(self, page):
        self.page = page

    @property
    def openElements(self):
        if self.page.is_xml:
            return [Tree.Namespace("other")]
        return [Tree.Namespace("other" if entry.foreign else "html") for entry in self.page.stack]


class Page:
    def __init__(self, markup, is_xml):
        self.is_xml, self.stack, self.body, self.title = is_xml, [], Text(), Text()
        self.has_title = False
        self.raw = None  # (name, role) of an element whose content is no markup
        self.skips_line_feed = False
        self.tree = Tree(self)
        self.tokenizer = HTMLTokenizer(markup, parser=self)
        types = {number: name for name, number in tokenTypes.items()}
        for token in self.tokenizer:
            kind = types[token["type"]]
            if kind in ("Characters", "SpaceCharacters"):
                self.text(token["data"])
            elif kind in ("StartTag", "EmptyTag"):
                self.start(token)
            elif kind == "EndTag":
                self.end(token["name"])

    # text

    def dropped(self):
        return any(entry.role == "dropped" for entry in self.stack)

    def text(self, data):
        if self.dropped() or not data:
            return
        role = self.raw[1] if self.raw else None
        if role == "dropped" or (role == "title" and self.has_title):
            return
        skips, self.skips_line_feed = self.skips_line_feed and data[0] == "\n", False
        if role == "title":
            self.title.add(data)
        elif role == "preformatted" or any(entry.role == "preformatted" for entry in self.stack):
            self.body.add_preformatted(data[1:] if skips else data)
        else:
            self.body.add(data)

    @staticmethod
    def role(name, foreign=False):
        if name in DROPPED:
            return "dropped"
        if foreign:
            return None
        for role, names in (("block", BLOCK), ("paragraph", PARAGRAPH), ("cell", {"td", "th"}), ("preformatted", PREFORMATTED), ("break", {"br"}), ("title", {"title"})):
            if name in names:
                return role
        return None

    def edge(self, role, begins):
        if self.dropped():
            return
        if role in ("block", "preformatted"):
            self.body.line()
        elif role == "paragraph":
            self.body.line(2)
        elif role == "cell" and begins:
            self.body.cell()
        elif role == "break" and begins:
            self.body.meant_break()

    # the stack

    def push(self, name, foreign=False):
        role = self.role(name, foreign)
        self.edge(role, True)
        self.stack.append(Element(name, foreign, role))
        if len(self.stack) > 256:
            raise Refused("html-depth")

    def pop_to(self, count):
        while len(self.stack) > count:
            self.edge(self.stack.pop().role, False)

    def find(self, names, stops, below=None):
        """The place of the innermost HTML element of these names, if none before it stops the search."""
        for place in range((len(self.stack) if below is None else below) - 1, -1, -1):
            entry = self.stack[place]
            if not entry.foreign and entry.name in names:
                return place
            if stops(entry):
                return None
        return None

    def close_found(self, place):
        if place is not None:
            self.pop_to(place)

    def button_scope(self, entry):
        return entry.scope or (not entry.foreign and entry.name == "button")

    @staticmethod
    def template(entry):
        return not entry.foreign and entry.name == "template"

    def is_foreign(self):
        return bool(self.stack) and self.stack[-1].foreign and not self.stack[-1].integration

    def start(self, token):
        name, attributes, self_closing = token["name"], token["data"], token["selfClosing"]
        self.skips_line_feed = False
        if self.is_foreign():
            if name in BREAKOUT or (name == "font" and {"color", "face", "size"} & {key.lower() for key in attributes}):
                while self.is_foreign():
                    self.pop_to(len(self.stack) - 1)
            else:
                if not self_closing:
                    self.push(name, foreign=True)
                return
        if name in ("svg", "math"):
            if not self_closing:
                self.push(name, foreign=True)
            return
        if not self.ends_before(name):
            return
        if name == "a":
            place = self.find({"a"}, lambda entry: entry.scope)
            if place is not None:
                del self.stack[place]
        empty = self_closing and self.is_xml
        if not empty and (name in RAW or name in ("title", "textarea", "script", "plaintext")):
            role = self.role(name)
            self.raw = (name, role)
            self.edge(role, True)
            self.skips_line_feed = name == "textarea"
            tokenizer = self.tokenizer
            tokenizer.state = (
                tokenizer.rcdataState if name in ("title", "textarea") else tokenizer.scriptDataState if name == "script" else tokenizer.plaintextState if name == "plaintext" else tokenizer.rawtextState
            )
            return
        if name in VOID or name in PAGE:
            self.edge(self.role(name), True)
            return
        self.push(name)
        if empty:
            self.pop_to(len(self.stack) - 1)
        else:
            self.skips_line_feed = name == "pre"

    def ends_before(self, name):
        """Ends what cannot go on where `name` begins; False where the tag is without effect."""
        if name in TABLE_PARTS:
            table = self.find({"table"}, self.template)
            if table is None:
                return False
            count = table + 1
            if name in ("td", "th", "tr") and len(self.stack) > count and not self.stack[count].foreign and self.stack[count].name in SECTIONS:
                count += 1
            if name in ("td", "th") and len(self.stack) > count and self.stack[count].name == "tr":
                count += 1
            self.pop_to(count)
            return True
        if name == "table":
            table = self.find({"table"}, self.template)
            if table is not None and not any(entry.name in ("td", "th", "caption") and not entry.foreign for entry in self.stack[table:]):
                self.pop_to(table)
                return True
        items = {"li": {"li"}, "dd": {"dd", "dt"}, "dt": {"dd", "dt"}}.get(name)
        if items:
            for place in range(len(self.stack) - 1, -1, -1):
                entry = self.stack[place]
                if entry.foreign:
                    break
                if entry.name in items:
                    self.pop_to(place)
                    break
                if entry.special and entry.name not in ("address", "div", "p"):
                    break
        if name in ENDS_P:
            self.close_found(self.find({"p"}, self.button_scope))
        if name in HEADINGS and self.stack and not self.stack[-1].foreign and self.stack[-1].name in HEADINGS:
            self.pop_to(len(self.stack) - 1)
        if name in ("option", "optgroup") and self.stack and self.stack[-1].name == "option":
            self.pop_to(len(self.stack) - 1)
        if name == "optgroup" and self.stack and self.stack[-1].name == "optgroup":
            self.pop_to(len(self.stack) - 1)
        if name == "button":
            self.close_found(self.find({"button"}, lambda entry: entry.scope))
        return True

    def end(self, name):
        self.skips_line_feed = False
        if self.raw and self.raw[0] == name:
            role, self.raw = self.raw[1], None
            if role == "title" and not self.dropped():
                self.has_title = True
            self.edge(role, False)
            return
        if name in PAGE or name == "br":
            self.edge(self.role(name), True)
            return
        if name in VOID:
            return
        for place in range(len(self.stack) - 1, -1, -1):
            if not self.stack[place].foreign:
                break
            if self.stack[place].name == name:
                self.pop_to(place)
                return
        if name in HEADINGS:
            self.close_found(self.find(HEADINGS, lambda entry: entry.scope))
        elif name in TABLE_PARTS or name == "table":
            self.close_found(self.find({name}, self.template))
        elif name == "template":
            self.close_found(self.find({name}, lambda entry: False))
        elif name == "p":
            place = self.find({"p"}, self.button_scope)
            if place is None:
                self.edge("paragraph", True)
            self.close_found(place)
        elif name == "li":
            self.close_found(self.find({"li"}, lambda entry: entry.scope or (not entry.foreign and entry.name in ("ol", "ul"))))
        elif name in IN_SCOPE_END:
            self.close_found(self.find({name}, lambda entry: entry.scope))
        elif name in FORMATTING:
            place = self.find({name}, lambda entry: entry.scope)
            if place is not None:
                if any(entry.special for entry in self.stack[place:]):
                    del self.stack[place]
                else:
                    self.pop_to(place)
        else:
            self.close_found(self.find({name}, lambda entry: entry.special))


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        pages = file.read().split("\0")
    out = []
    for page in pages:
        try:
            read = Page(page[1:], page[:1] == "x")
            text = str(read.body)
            out += [str(read.title), text + "\n" if text else ""]
        except Refused as reason:
            out.append(f"!{reason}")
    sys.stdout.buffer.write("".join(part + "\0" for part in out).encode("utf-8", "surrogatepass"))


main()
