/** A name means the same whichever way it comes, and never costs its event. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as tacho from "@tacho/hook";

import { ASK, World } from "./world.js";

const { cut, fields } = await import(new URL("../esm/names.js", import.meta.url).href);
const fixture = new URL("../../../../tests/fixtures/names.json", import.meta.url);

test("a long name is cut as Tacho cuts it", () => {
  const cases = JSON.parse(readFileSync(fixture, "utf8")).cut;
  assert.ok(cases.length >= 9);
  for (const { repeat, times, most, kept } of cases) assert.equal(cut(repeat.repeat(times), most), kept);
});

test("names that differ stay different, and hold no half a key", () => {
  const names = ["", "1", "2", "\ud800", "\ud801", "김"].map((end) => "x".repeat(300) + end);
  const kept = new Set<string>(names.map((name) => cut(name, 256)));
  assert.equal(kept.size, names.length);
  for (const name of kept) assert.ok(Buffer.byteLength(name) <= 256);
  for (const key of [
    "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ",
    "tch_adm_0a1b2c3d_abcdefghijklmnopqrstuvwxyzABCDEF_0a1b2c",
    "whsec_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ=",
    "tacho_session=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
  ]) {
    for (const before of [0, 230, 250, 300]) {
      const user = `${"-".repeat(before)}${key} ${"x".repeat(300)}`;
      assert.equal(cut(user, 256), key);
      assert.ok(!("remarks" in fields({ user })), "a key stands for all of it");
    }
  }
  assert.ok(cut(`sk-ant-${"x".repeat(100_000)}`, 256).length < 2_000);
});

const ODD: [any, string | undefined, string[]][] = [
  ["\ud800".repeat(120), cut("\ud800".repeat(120), 256), ["attribution_unreadable", "cut"]],
  [["a"], undefined, ["attribution_unreadable"]],
  [[], undefined, ["attribution_unreadable"]],
  [{ a: 1 }, undefined, ["attribution_unreadable"]],
  [new Map([["a", 1]]), undefined, ["attribution_unreadable"]],
  [new Set(["a"]), undefined, ["attribution_unreadable"]],
  [new Uint8Array([97]), undefined, ["attribution_unreadable"]],
];

test("an odd name is kept and remarked as one that is posted", async () => {
  const world = new World();
  for (const [place, [value]] of ODD.entries()) {
    const scope = { user: value, session: String(place), labels: { env: value } };
    await tacho.scope(scope, () => world.client().messages.create(ASK));
  }
  const events = (await world.stored()).sort((a, b) => a.session - b.session);
  assert.equal(events.length, ODD.length);
  for (const [place, [, kept, codes]] of ODD.entries()) {
    const { user, labels, remarks } = events[place]!;
    assert.deepEqual([user, labels?.env], [kept, kept]);
    for (const field of ["user", "labels"]) {
      const found = remarks.filter((remark: any) => remark.field === field).map((remark: any) => remark.code);
      assert.deepEqual(found.sort(), codes);
    }
  }
});

test("labels that are none are remarked and break nothing", async () => {
  const world = new World();
  for (const labels of [["a"], "ab", 7] as any[]) {
    await tacho.scope({ user: "u_42", labels }, () => world.client().messages.create(ASK));
  }
  const remarks = [{ code: "attribution_unreadable", field: "labels" }];
  assert.deepEqual(
    (await world.stored()).map((event) => [event.user, event.labels, event.remarks]),
    Array(3).fill(["u_42", undefined, remarks]),
  );
});

test("any name arrives, and what cannot be said is remarked", async () => {
  const world = new World();
  const client = world.client();
  const given: any[] = ["김민수", 42, true, "a\ud800", "é".repeat(200), {}, Object.create(null)];
  given.push({ toString: () => "507f1f77" }, "x".repeat(100_000));
  for (const [place, value] of given.entries()) {
    const scope = { user: value, session: String(place), labels: { env: value } };
    await tacho.scope(scope, () => client.messages.create(ASK));
  }
  const label = (_: unknown, number: number) => [`l${String(99 - number).padStart(3, "0")}`, "v".repeat(10_000)];
  const labels = Object.fromEntries(Array.from({ length: 100 }, label));
  await tacho.scope({ session: String(given.length), labels }, () => client.messages.create(ASK));
  const events = (await world.stored()).sort((a, b) => a.session - b.session);
  assert.equal(events.length, given.length + 1, "no name costs its event");
  const said = events.map(({ user, remarks }) => [user, remarks?.[0]?.code, remarks?.length]);
  assert.deepEqual(said.slice(0, -1), [
    ["김민수", undefined, undefined],
    ["42", undefined, undefined],
    ["true", undefined, undefined],
    ["a%ED%A0%80", "attribution_unreadable", 2],
    [cut("é".repeat(200), 256), "cut", 2],
    [undefined, "attribution_unreadable", 2],
    [undefined, "attribution_unreadable", 2],
    ["507f1f77", undefined, undefined],
    [cut("x".repeat(100_000), 256), "cut", 2],
  ]);
  const kept = Array.from({ length: 32 }, (_, number) => `l${String(number).padStart(3, "0")}`);
  assert.deepEqual(Object.keys(events.at(-1)!.labels), kept);
});
