import { expect, it, vi } from "vitest";
import { api } from "@/api/client";
import { preflight } from "@/features/models/preflight";

const bodies: { size_bytes: number; pieces: { offset: number; data: string }[] }[] = [];

function answering(...answers: object[]) {
  bodies.length = 0;
  vi.spyOn(api, "POST").mockImplementation(((_path: string, { body }: { body: (typeof bodies)[number] }) => {
    bodies.push(body);
    return Promise.resolve({ data: answers[Math.min(bodies.length, answers.length) - 1], response: new Response() });
  }) as never);
}

const MORE = { verdict: "more", wanted: { offset: 70_000, length: 3 } };

it("sends both ends of a large file, then the piece that the service asks for", async () => {
  const bytes = new Uint8Array(300_000).map((_, at) => at % 251);
  answering(MORE, { verdict: "accepted", wanted: null });
  const seen = await preflight(new Blob([bytes]), { architecture: "auto", hyperparameters: {} });
  expect(seen.verdict).toBe("accepted");
  expect(bodies.map((body) => body.pieces.map((piece) => piece.offset))).toEqual([[0, 234_464], [0, 234_464, 70_000]]);
  expect(bodies[1]?.pieces[2]?.data).toBe(btoa(String.fromCharCode(...bytes.slice(70_000, 70_003))));
  expect(bodies[0]?.size_bytes).toBe(300_000);
});

it("sends a small file whole, and ends after a number of rounds", async () => {
  answering(MORE);
  expect((await preflight(new Blob(["abc"]), { architecture: "auto", hyperparameters: {} })).verdict).toBe("more");
  expect(bodies[0]?.pieces).toEqual([{ offset: 0, data: btoa("abc") }]);
  expect(bodies).toHaveLength(12);
});
