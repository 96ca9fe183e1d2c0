import { describe, expect, it } from "vitest";
import { namesOfFile, namesOfLines } from "@/features/models/classList";

const NAMES = ["ada", "grace", "katherine"];

describe("a list of classes", () => {
  it.each([
    ["classes.txt", "\uFEFFada\r\ngrace\r\nkatherine\r\n\r\n"],
    ["classes.csv", "name\nada\ngrace\nkatherine\n"],
    ["classes.csv", "index,name\n1,grace\n0,ada\n2,katherine\n"],
    ["classes.csv", '\uFEFF"ada";0\n"grace";1\nkatherine;2'],
    ["classes.json", '\uFEFF["ada", "grace", "katherine"]'],
    ["config.json", '{"id2label": {"0": "ada", "2": "katherine", "1": "grace"}}'],
    ["class_to_idx.json", '{"katherine": 2, "ada": 0, "grace": 1}'],
    ["names.json", '{"0": "ada", "1": "grace", "2": "katherine"}'],
    ["model.json", '{"label2id": {"grace": 1, "ada": 0, "katherine": 2}}'],
    ["release.json", '{"architecture": "auto", "classes": ["ada", "grace", "katherine"]}'],
  ])("is read from %s", (name, text) => {
    expect(namesOfFile(name, text)).toEqual({ ok: true, names: NAMES });
  });

  it("keeps quoted separators and quotes in a table", () => {
    expect(namesOfFile("a.csv", '0,"Lovelace, ""Ada"""\n1,Hopper')).toEqual({ ok: true, names: ['Lovelace, "Ada"', "Hopper"] });
  });

  it.each([
    ["a.txt", "ada\n\ngrace", "Line 2 is empty"],
    ["a.txt", "ada\ngrace\nada", "“ada” is listed twice"],
    ["a.txt", "ada", "at least two"],
    ["a.json", "{", "not valid JSON"],
    ["a.json", '{"id2label": {"0": "ada", "2": "grace"}}', "Index 1 is missing"],
    ["a.json", '{"class_to_idx": {"ada": 1, "grace": 1}}', "Index 1 is given twice"],
    ["a.json", '"ada"', "no class names"],
    ["a.csv", "ada,lovelace\ngrace,hopper\n", "column of indices"],
  ])("says what is wrong with %s", (name, text, words) => {
    const listed = namesOfFile(name, text);
    expect(listed.ok ? "" : listed.problem).toContain(words);
  });

  it("may be typed", () => {
    expect(namesOfLines("ada\ngrace\nkatherine")).toEqual({ ok: true, names: NAMES });
  });
});
