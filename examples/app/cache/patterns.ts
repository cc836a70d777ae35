/**
 * Patterns of plain names: `user` and `user:*` are all of that namespace and of those below it, `user:42` is that key
 * and all below it, and `*` stands for any text.
 */

/** Redis' own matching takes exponential time with more. */
const MOST_STARS = 2;

/** Whether a plain name fits. It takes time in proportion to the name, whatever the pattern. */
export function fits(pattern: string): (plain: string) => boolean {
  const [first = "", ...others] = withoutEnd(pattern).split("*");
  const last = others.pop();
  return (plain) => {
    if (!plain.startsWith(first)) return false;
    let at = first.length;
    if (last === undefined) return at === plain.length || plain[at] === ":";
    for (const piece of others) {
      const found = plain.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    if (last === "" || plain.includes(`${last}:`, at)) return true;
    return plain.endsWith(last) && plain.length - last.length >= at;
  };
}

/** Redis' own pattern for keys that may fit. It knows no versions, so that `fits` decides. */
export function scanPattern(prefix: string, pattern: string): string {
  const whole = withoutEnd(pattern);
  const [head = ""] = whole.split("*").length - 1 > MOST_STARS ? whole.split("*") : [whole];
  return `${literal(prefix)}:v*:${literal(head)}*`;
}

const withoutEnd = (pattern: string) => pattern.replace(/:\*$/, "");
const literal = (text: string) => text.replace(/[?[\]\\]/g, "\\$&");
