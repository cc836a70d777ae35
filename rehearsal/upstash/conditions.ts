/** What is so in the emulated Upstash: what the account may do. Tests change it at any time. */
export interface Conditions {
  /** Without a payment method an account has free databases alone. */
  paymentMethod: boolean;
  /** A read-only management key: it sees everything and changes nothing. */
  readOnlyKey: boolean;
  /** A smaller plan only by Upstash's support: "Contact us to move your database to a lower plan" (docs, features/autoscale). */
  downgradesRefused: boolean;
  /** How `endpoint` is given; the API's description says "may be a slug … or a full host". Only the latter can be reached. */
  endpointForm: "host" | "slug";
  /** Milliseconds for which a change of plan does not show yet; clients are disconnected at its end. */
  planChangeMs: number;
}

export const defaultConditions = (): Conditions => ({
  paymentMethod: true,
  readOnlyKey: false,
  downgradesRefused: false,
  endpointForm: "host",
  planChangeMs: 100,
});
