/** A vault's own form of errors: `{"error": {code, message, innererror: {code}}}` (turbot/steampipe-plugin-azure#127). */
import type { ArmReply } from "../message.ts";

export class VaultRefusal extends Error {
  readonly reply: ArmReply;

  constructor(status: number, code: string, message: string, inner?: string) {
    super(message);
    const innererror = inner === undefined ? {} : { innererror: { code: inner } };
    this.reply = { status, body: { error: { code, message, ...innererror } } };
  }
}
