import { expect, it } from "vitest";
import { actionOf } from "@/features/blindLineUps/keyboard";

const none = { ctrlKey: false, metaKey: false, altKey: false, repeat: false };

it.each([
  ["1", { choose: 1 }],
  ["6", { choose: 6 }],
  ["7", null], // there are six candidates
  ["0", { choose: 0 }],
  ["n", { choose: 0 }],
  ["N", { choose: 0 }],
  ["U", "unsure"],
  ["g", "grey"],
  ["Enter", "confirm"],
  ["Tab", null],
  ["x", null],
])("%s", (key, action) => {
  expect(actionOf({ ...none, key }, 6)).toEqual(action);
});

it.each(["ctrlKey", "metaKey", "altKey", "repeat"])("leaves a key with %s to the browser", (modifier) => {
  expect(actionOf({ ...none, key: "n", [modifier]: true }, 6)).toBeNull();
});
