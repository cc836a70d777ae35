import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openGitHub } from "../../../scripts/ci/github.ts";
import { postToWebhook } from "../../../scripts/ci/webhook.ts";
import { type GitHubDouble, PULL_REQUEST, startGitHub } from "../../support/workflow-runner-github.ts";

let github: GitHubDouble;
beforeEach(async () => {
  github = await startGitHub();
});
afterEach(() => github.stop());

const job = (permissions: Record<string, string>) =>
  openGitHub({
    GITHUB_API_URL: github.api,
    GITHUB_REPOSITORY: github.repository,
    GITHUB_TOKEN: github.token(permissions),
  });

it("finds a comment behind hundreds of others", async () => {
  const writer = job({ "pull-requests": "write" });
  for (let count = 0; count < 250; count++)
    github.comments.push({ id: count, issue: PULL_REQUEST, body: `no ${count}`, user: { type: "User" } });
  await writer.addComment(PULL_REQUEST, "ours");
  const comments = await writer.comments(PULL_REQUEST);
  expect(comments).toHaveLength(251);
  expect(comments.at(-1)).toMatchObject({ body: "ours", by: "Bot" });
});

it("says which right a job lacks, and shows no token", async () => {
  const reader = job({ contents: "read" });
  await expect(reader.addComment(PULL_REQUEST, "x")).rejects.toThrow(
    /^GitHub answered 403 to POST .*\/issues\/7\/comments: Resource not accessible by integration$/,
  );
});

it("says what a job does not set", () => {
  expect(() => openGitHub({})).toThrow("GITHUB_API_URL is not set");
});

it("reads again where GitHub is busy, and does not write again", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.method ?? "");
    const busy = request.method === "POST" || seen.length === 1;
    response.writeHead(busy ? 503 : 200, { "retry-after": "0.01" }).end(busy ? "" : "[]");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const busy = openGitHub({
    GITHUB_API_URL: `http://127.0.0.1:${port}`,
    GITHUB_REPOSITORY: "a/b",
    GITHUB_TOKEN: "t",
  });
  expect(await busy.comments(1)).toEqual([]);
  await expect(busy.addComment(1, "x")).rejects.toThrow("503");
  expect(seen).toEqual(["GET", "GET", "POST"]);
  server.close();
});

it("does not show a webhook's URL where it cannot be reached", async () => {
  const url = "http://127.0.0.1:1/hook/very-secret";
  const error = await postToWebhook(url, "x").catch((reason: unknown) => reason);
  expect(String(error)).toContain("The webhook could not be reached");
  expect(`${error}${(error as Error).stack}`).not.toContain("very-secret");
});
