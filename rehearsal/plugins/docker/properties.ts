/**
 * How the real provider treats each input, as its schemas say (kreuzwerker/terraform-provider-docker v4.5.0,
 * `resource_docker_container.go` and `resource_docker_image.go`: ForceNew, Computed, Default, ValidateDiagFunc, TypeSet)
 * and as was seen with it. An input of the SDK that is not in these tables is refused: it was never tried.
 */
import type { Value } from "../../../infra/provider/protocol/values.ts";

export interface Property {
  /** The provider makes one up where it is absent. The stand-in does not, and refuses. */
  automatic?: true;
  /** A change makes another resource. Otherwise it is changed in place. */
  replaces?: true;
  /** Where the input is absent, whatever the engine has is right. */
  computed?: true;
  /** The order of its items means nothing. */
  unordered?: true;
  /** Taken where the input is absent, and named in the inputs' `__defaults`. */
  default?: Value;
  /** Defaults inside it, for an object or each object of a list. */
  inner?: Readonly<Record<string, Value>>;
  /** What is wrong with a value of the right type, in the provider's words. */
  refuse?(value: Value): string | undefined;
}

export type Properties = Readonly<Record<string, Property>>;

const matches =
  (pattern: RegExp) =>
  (value: Value): string | undefined =>
    pattern.test(String(value))
      ? undefined
      : `'${String(value)}' doesn't match the pattern '${pattern.source}'`;

const atLeast =
  (least: number) =>
  (value: Value): string | undefined =>
    Number(value) >= least ? undefined : `'${String(value)}' cannot be lower than ${least}`;

const durations =
  (keys: readonly string[]) =>
  (value: Value): string | undefined =>
    keys
      .map((key) => String(Reflect.get(Object(value), key) ?? "0s"))
      .filter((text) => !/^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(text))
      .map((text) => `'${text}' is not a valid duration`)[0];

const PERIODS = ["interval", "timeout", "startPeriod", "startInterval"];

export const CONTAINER: Properties = {
  name: { automatic: true, replaces: true },
  image: { replaces: true },
  command: { replaces: true, computed: true },
  entrypoints: { replaces: true, computed: true },
  envs: { replaces: true, computed: true, unordered: true },
  hostname: { replaces: true, computed: true },
  // An absent user or folder is the image's (DiffSuppressFunc).
  user: { replaces: true, computed: true },
  workingDir: { replaces: true, computed: true },
  readOnly: { replaces: true },
  labels: { replaces: true, computed: true, unordered: true, inner: {} },
  ports: { replaces: true, unordered: true, inner: { ip: "0.0.0.0", protocol: "tcp" } },
  uploads: { replaces: true, unordered: true, inner: { executable: false } },
  networkMode: { replaces: true, default: "bridge" },
  init: { computed: true },
  memory: { refuse: atLeast(0) },
  memoryReservation: { refuse: atLeast(0) },
  memorySwap: { refuse: atLeast(-1) },
  cpuShares: { refuse: atLeast(0) },
  restart: { default: "no", refuse: matches(/^(no|on-failure|always|unless-stopped)$/) },
  maxRetryCount: {},
  // Not ForceNew, and the update does not touch it: a change shows, succeeds and does nothing.
  healthcheck: {
    computed: true,
    inner: Object.fromEntries(PERIODS.map((key) => [key, "0s"])),
    refuse: durations(PERIODS),
  },
  mustRun: { default: true },
  start: { default: true },
  wait: {},
  waitTimeout: { default: 60 },
  rm: {},
  removeVolumes: { default: true },
  destroyGraceSeconds: {},
  containerReadRefreshTimeoutMilliseconds: { default: 15_000 },
};

export const REMOTE_IMAGE: Properties = {
  name: { replaces: true },
  keepLocally: {},
  forceRemove: {},
  pullTriggers: { replaces: true, unordered: true },
  triggers: { replaces: true },
};
