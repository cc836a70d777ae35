/**
 * Expressions of GitHub Actions, as far as our workflows use them. What is not known here throws: a test must not pass
 * because something meant nothing. https://docs.github.com/actions/reference/workflows-and-actions/expressions
 */

/** Contexts by their first word; what a path leads to. A missing name is refused, a missing step's output is empty. */
export type Contexts = Readonly<Record<string, unknown>>;

/** How the job stands, for `success()` and its like. */
export interface Standing {
  failed: boolean;
}

type Value = string | number | boolean | null;

/** A text with `${{ … }}` in it, each put in place. */
export function fill(text: string, contexts: Contexts, standing: Standing): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    String(evaluate(expression, contexts, standing) ?? ""),
  );
}

/** An `if:`, with or without braces; one that names no status function counts only while all went well. */
export function holds(condition: string | undefined, contexts: Contexts, standing: Standing): boolean {
  if (condition === undefined) return !standing.failed;
  const bare = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(condition)?.[1] ?? condition;
  const asksStatus = /\b(success|failure|cancelled|always)\(\)/.test(bare);
  return (asksStatus || !standing.failed) && truthy(evaluate(bare, contexts, standing));
}

const TOKEN = /\s*(\|\||&&|==|!=|!|\(|\)|'(?:[^']|'')*'|\d+|[A-Za-z_][\w-]*(?:\.[\w-]+)*)/y;

export function evaluate(expression: string, contexts: Contexts, standing: Standing): Value {
  const tokens = tokensOf(expression.trim());
  const take = () => tokens.shift() ?? "";
  const functions: Record<string, () => Value> = {
    success: () => !standing.failed,
    failure: () => standing.failed,
    // Nothing here is ever cancelled.
    cancelled: () => false,
    always: () => true,
  };
  const primary = (): Value => {
    const token = take();
    if (token === "!") return !truthy(primary());
    if (token === "(") {
      const value = or();
      if (take() !== ")") throw new Error(`${expression}: a bracket is not closed`);
      return value;
    }
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (/^\d+$/.test(token)) return Number(token);
    if (token === "true" || token === "false") return token === "true";
    if (tokens[0] !== "(") return lookUp(token, contexts);
    const called = functions[token];
    if (called === undefined) throw new Error(`${expression}: function ${token} is not known here`);
    if (take() !== "(" || take() !== ")") throw new Error(`${expression}: ${token} takes nothing`);
    return called();
  };
  const equality = (): Value => {
    let value = primary();
    while (tokens[0] === "==" || tokens[0] === "!=") {
      const equal = take() === "==";
      value = same(value, primary()) === equal;
    }
    return value;
  };
  const and = (): Value => {
    let value = equality();
    while (tokens[0] === "&&") {
      take();
      const right = equality();
      value = truthy(value) ? right : value;
    }
    return value;
  };
  function or(): Value {
    let value = and();
    while (tokens[0] === "||") {
      take();
      const right = and();
      value = truthy(value) ? value : right;
    }
    return value;
  }
  const value = or();
  if (tokens.length > 0) throw new Error(`${expression}: ${tokens.join(" ")} is not understood`);
  return value;
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(expression)?.[1];
    if (token === undefined) throw new Error(`${expression}: ${expression.slice(at)} is not understood`);
    tokens.push(token);
  }
  return tokens;
}

function lookUp(path: string, contexts: Contexts): Value {
  let value: unknown = contexts;
  const words = path.split(".");
  for (const [index, word] of words.entries()) {
    if (typeof value !== "object" || value === null) throw new Error(`${path} is not known here`);
    const there = Object.hasOwn(value, word);
    // A step that did not run has no outputs; variables and inputs that nobody set are empty.
    const mayLack = ["vars", "secrets", "inputs"].includes(words[0] ?? "") || words[index - 1] === "outputs";
    if (!there && !mayLack) throw new Error(`${path} is not known here`);
    value = there ? (value as Record<string, unknown>)[word] : null;
  }
  if (typeof value === "object" && value !== null) throw new Error(`${path} is no plain value`);
  return (value ?? null) as Value;
}

function truthy(value: Value): boolean {
  return value !== null && value !== false && value !== 0 && value !== "";
}

/** Texts are compared without regard to case. */
function same(one: Value, other: Value): boolean {
  if (typeof one === "string" && typeof other === "string") return one.toLowerCase() === other.toLowerCase();
  return (one ?? "") === (other ?? "");
}
