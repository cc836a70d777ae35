/**
 * GitHub's REST API, as far as jobs use it: comments and issues of one repository, for tokens with the rights of their
 * job. Fields and refusals: https://docs.github.com/rest/issues. Also a webhook. What is not here is refused.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface GitHubDouble {
  /** GITHUB_API_URL */
  api: string;
  repository: string;
  webhookUrl: string;
  /** A token of a job with these permissions. */
  token(permissions: Readonly<Record<string, string>>): string;
  comments: Comment[];
  issues: Issue[];
  /** Texts that the webhook was sent. */
  told: string[];
  stop(): Promise<void>;
}
export interface Comment {
  id: number;
  issue: number;
  body: string;
  user: { type: "Bot" | "User" };
}
export interface Issue {
  number: number;
  title: string;
  body: string;
  state: "open" | "closed";
  labels: string[];
  user: { type: "Bot" | "User" };
}

const REPOSITORY = "propiq/propiq-cache";
const MOST_CHARACTERS = 65_536;
/** The pull request that tests speak of. */
export const PULL_REQUEST = 7;

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export async function startGitHub(): Promise<GitHubDouble> {
  const tokens = new Map<string, Readonly<Record<string, string>>>();
  const hook = randomBytes(16).toString("hex");
  const double = { comments: [] as Comment[], issues: [] as Issue[], told: [] as string[] };
  let last = 100;
  const next = () => (last += 1);

  const handle = async (request: IncomingMessage): Promise<{ status: number; body: unknown }> => {
    const url = new URL(request.url ?? "", "http://github");
    const text = await textOf(request);
    if (url.pathname === `/hook/${hook}` && request.method === "POST") {
      double.told.push(String((JSON.parse(text) as { text: unknown }).text));
      return { status: 200, body: "ok" };
    }
    const permissions = tokens.get((request.headers.authorization ?? "").replace(/^Bearer /, ""));
    if (permissions === undefined) throw new Refusal(401, "Bad credentials");
    const path = url.pathname.replace(`/repos/${REPOSITORY}`, "");
    if (path === url.pathname) throw new Refusal(404, "Not Found");
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    const route = `${request.method} ${path.replace(/\d+/, "N")}`;
    const number = Number(/\d+/.exec(path)?.[0]);
    const mayComment = (issue: number) =>
      permissions[issue === PULL_REQUEST ? "pull-requests" : "issues"] === "write";
    const must = (allowed: boolean) => {
      if (!allowed) throw new Refusal(403, "Resource not accessible by integration");
    };
    const fits = (value: unknown) => {
      if (typeof value !== "string" || value === "") throw new Refusal(422, "Validation Failed");
      if (value.length > MOST_CHARACTERS) throw new Refusal(422, "Validation Failed: body is too long");
      return value;
    };
    const routes: Record<string, () => { status: number; body: unknown }> = {
      "GET /issues/N/comments": () => ({
        status: 200,
        body: page(
          double.comments.filter(({ issue }) => issue === number),
          url.searchParams,
        ),
      }),
      "POST /issues/N/comments": () => {
        must(mayComment(number));
        const comment: Comment = {
          id: next(),
          issue: number,
          body: fits(body["body"]),
          user: { type: "Bot" },
        };
        double.comments.push(comment);
        return { status: 201, body: comment };
      },
      "PATCH /issues/comments/N": () => {
        const comment = double.comments.find(({ id }) => id === number);
        if (comment === undefined) throw new Refusal(404, "Not Found");
        must(mayComment(comment.issue));
        comment.body = fits(body["body"]);
        return { status: 200, body: comment };
      },
      "GET /issues": () => ({
        status: 200,
        body: page(
          double.issues.filter(
            ({ state, labels }) =>
              state === url.searchParams.get("state") &&
              labels.includes(url.searchParams.get("labels") ?? ""),
          ),
          url.searchParams,
        ),
      }),
      "POST /issues": () => {
        must(permissions["issues"] === "write");
        const issue: Issue = {
          number: next(),
          title: fits(body["title"]),
          body: fits(body["body"]),
          state: "open",
          labels: (body["labels"] as string[] | undefined) ?? [],
          user: { type: "Bot" },
        };
        double.issues.push(issue);
        return { status: 201, body: issue };
      },
      "PATCH /issues/N": () => {
        must(permissions["issues"] === "write");
        const issue = double.issues.find((each) => each.number === number);
        if (issue === undefined) throw new Refusal(404, "Not Found");
        if (body["title"] !== undefined) issue.title = fits(body["title"]);
        if (body["body"] !== undefined) issue.body = fits(body["body"]);
        if (body["state"] === "closed") issue.state = "closed";
        return { status: 200, body: issue };
      },
    };
    const found = routes[route];
    if (found === undefined) throw new Refusal(501, `${route} is not known here`);
    return found();
  };

  const server = createServer((request, response) => {
    handle(request).then(
      ({ status, body }) => send(status, body),
      (error: unknown) =>
        send(error instanceof Refusal ? error.status : 500, { message: (error as Error).message }),
    );
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...double,
    api: origin,
    repository: REPOSITORY,
    webhookUrl: `${origin}/hook/${hook}`,
    token(permissions) {
      const token = `ghs_${randomBytes(18).toString("hex")}`;
      tokens.set(token, permissions);
      return token;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function page<T>(items: readonly T[], query: URLSearchParams): T[] {
  const size = Number(query.get("per_page") ?? 30);
  const start = (Number(query.get("page") ?? 1) - 1) * size;
  return items.slice(start, start + size);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
