import { expect, it } from "vitest";
import { printedOrigins } from "../../../rehearsal/drill/printed-address.ts";

it.each([
  ["Listening on http://0.0.0.0:8080", ["http://127.0.0.1:8080"]],
  ["Server listening at http://[::1]:3000", ["http://[::1]:3000"]],
  ["  ➜  Local:   http://localhost:5173/", ["http://127.0.0.1:5173", "http://[::1]:5173"]],
  ["INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)", ["http://127.0.0.1:8000"]],
  [" * Running on https://127.0.0.1:5000", ["https://127.0.0.1:5000"]],
  [
    "\u001b[32mready\u001b[0m on http://localhost:\u001b[1m4000\u001b[22m",
    ["http://127.0.0.1:4000", "http://[::1]:4000"],
  ],
  ["Example app listening on port 3000", ["http://127.0.0.1:3000"]],
  ["[2026-11-25] Listening at: http://0.0.0.0:8000 (12)", ["http://127.0.0.1:8000"]],
  ["Now listening on: http://[::]:5000", ["http://127.0.0.1:5000"]],
  ["Docs: https://example.com:8443/guide", []],
  ["Connected to Redis on port 6379", []],
  ["port 99999", []],
])("reads in %j that the app listens at %j", (line, origins) => {
  expect(printedOrigins(line)).toEqual(origins);
});
