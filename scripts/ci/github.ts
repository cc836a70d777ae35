/**
 * GitHub's REST API, as far as a job needs it: comments and issues. With a job's own token, where GITHUB_API_URL says,
 * as the runner sets both. https://docs.github.com/rest
 */

type Environment = Readonly<Record<string, string | undefined>>;

export interface Issue {
  number: number;
  body: string;
  /** Who wrote it: `Bot` for a job's token. */
  by: string;
}

export interface GitHub {
  /** Comments of a pull request or an issue, oldest first. */
  comments(number: number): Promise<{ id: number; body: string; by: string }[]>;
  addComment(number: number, body: string): Promise<void>;
  changeComment(id: number, body: string): Promise<void>;
  /** Open issues with this label, oldest first. */
  issues(label: string): Promise<Issue[]>;
  openIssue(issue: { title: string; body: string; labels: readonly string[] }): Promise<number>;
  changeIssue(number: number, change: { title?: string; body?: string; state?: "closed" }): Promise<void>;
}

const PAGE = 100;
/** Ten thousand comments: above that something else is wrong. */
const MOST_PAGES = 100;
const TIMEOUT_MS = 30_000;
const ATTEMPTS = 4;

/** @throws Error that names the variable which the job does not set */
export function openGitHub(env: Environment): GitHub {
  const [api, repository, token] = ["GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN"].map((name) => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set: this runs in a job of GitHub Actions.`);
    return value;
  });
  const send = (method: string, path: string, body?: unknown) =>
    request(`${api}/repos/${repository}${path}`, token ?? "", method, body);
  const pages = async (path: string): Promise<Record<string, unknown>[]> => {
    const all: Record<string, unknown>[] = [];
    for (let page = 1; page <= MOST_PAGES; page++) {
      const found = await send(
        "GET",
        `${path}${path.includes("?") ? "&" : "?"}per_page=${PAGE}&page=${page}`,
      );
      const items = Array.isArray(found) ? (found as Record<string, unknown>[]) : [];
      all.push(...items);
      if (items.length < PAGE) break;
    }
    return all;
  };

  return {
    comments: async (number) =>
      (await pages(`/issues/${number}/comments`)).map((item) => ({
        id: Number(item["id"]),
        ...written(item),
      })),
    addComment: async (number, body) => void (await send("POST", `/issues/${number}/comments`, { body })),
    changeComment: async (id, body) => void (await send("PATCH", `/issues/comments/${id}`, { body })),
    issues: async (label) =>
      (
        await pages(`/issues?state=open&direction=asc&sort=created&labels=${encodeURIComponent(label)}`)
      ).flatMap((item) =>
        // Pull requests are issues, too, to this API.
        item["pull_request"] === undefined ? [{ number: Number(item["number"]), ...written(item) }] : [],
      ),
    openIssue: async (issue) => {
      const made = (await send("POST", "/issues", issue)) as { number: number };
      return made.number;
    },
    changeIssue: async (number, change) => void (await send("PATCH", `/issues/${number}`, change)),
  };
}

function written(item: Record<string, unknown>): { body: string; by: string } {
  const user = item["user"] as { type?: unknown } | null | undefined;
  return { body: String(item["body"] ?? ""), by: String(user?.type ?? "") };
}

/** Reads are sent again where GitHub is busy; a write is not, which might do it twice. */
async function request(url: string, token: string, method: string, body?: unknown): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const reply = await fetch(url, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "user-agent": "propiq-cache",
        "x-github-api-version": "2022-11-28",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (reply.ok) return await reply.json();
    const text = await reply.text();
    const busy = reply.status === 429 || reply.status >= 500;
    if (method === "GET" && busy && attempt < ATTEMPTS) {
      const seconds = Number(reply.headers.get("retry-after") ?? 2 ** attempt);
      await new Promise((resolve) => setTimeout(resolve, Math.min(seconds || 0, 60) * 1000));
      continue;
    }
    const path = new URL(url).pathname;
    throw new Error(`GitHub answered ${reply.status} to ${method} ${path}: ${messageIn(text)}`);
  }
}

function messageIn(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? "").slice(0, 300);
  } catch {
    return "no reason given";
  }
}
