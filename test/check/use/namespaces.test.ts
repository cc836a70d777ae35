import { expect, it } from "vitest";
import { namespaceOf, namespacesOf, OTHERS } from "../../../check/use/namespaces.ts";

it.each([
  ["session:42", "session"],
  ["user:42:profile", "user"],
  ["page/home", "page"],
  ["a|b", "a"],
  ["plain", ""],
  [":leading", ""],
  ["user-42:cart", "user-*"],
  ["3fa85f64-5717-4562-b3fc-2c963f66afa6:x", "*"],
  ["0123456789abcdef0123:x", "*"],
])("%s belongs to %j", (key, namespace) => {
  expect(namespaceOf(key)).toBe(namespace);
});

it("the largest comes first, with its share of all bytes, and the sample stands for all keys", () => {
  const keys = [
    { key: "small:1", bytes: 100, hasTtl: true },
    { key: "large:1", bytes: 200, hasTtl: false },
    { key: "large:2", bytes: 500, hasTtl: true },
    { key: "large:3", bytes: 200, hasTtl: false },
  ];
  expect(namespacesOf({ keys }, 40)).toEqual([
    { name: "large", keys: 3, share: 0.9, bytes: 9000, bytesPerKey: 300, largestBytes: 500, withoutTtl: 2 },
    { name: "small", keys: 1, share: 0.1, bytes: 1000, bytesPerKey: 100, largestBytes: 100, withoutTtl: 0 },
  ]);
});

it("without sizes the share is that of the keys, and unknown values are left out", () => {
  const keys = [{ key: "a:1" }, { key: "a:2" }, { key: "a:3" }, { key: "b:1" }];
  expect(namespacesOf({ keys })).toEqual([
    { name: "a", keys: 3, share: 0.75 },
    { name: "b", keys: 1, share: 0.25 },
  ]);
});

it("more than ten are summed up", () => {
  const keys = Array.from({ length: 13 }, (_, index) => ({
    key: `${"abcdefghijklm"[index]}:1`,
    bytes: 1000 - index,
  }));
  const rows = namespacesOf({ keys });
  expect(rows).toHaveLength(11);
  expect(rows.at(-1)).toMatchObject({ name: OTHERS, keys: 3, bytes: 990 + 989 + 988 });
});

it("no keys have no namespaces", () => {
  expect(namespacesOf({ keys: [] }, 5)).toEqual([]);
});
