/** Characters of a server's text that a report shows at most. */
const CAP = 200;

/** Control characters, line and paragraph separators, the marks that turn the direction of writing, and no characters. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]+/gu;

/**
 * A text that somebody else wrote (a server's reply, a certificate's name), fit for a report: without secrets,
 * on one line, without control characters, at most 200 characters.
 */
export function foreignText(text: string, redact: (text: string) => string, cap = CAP): string {
  // Twice: taking characters out may join the pieces of a secret.
  const clean = redact(redact(text).replace(UNSAFE, " ").replace(/\s+/g, " ").trim());
  const characters = [...clean.slice(0, cap * 2 + 2)];
  return characters.length <= cap ? clean : `${characters.slice(0, cap - 1).join("")}…`;
}
