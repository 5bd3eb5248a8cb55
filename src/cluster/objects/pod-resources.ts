/** Requests and limits of a container, by resource (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/). */
export interface PodResources {
  readonly requests: Quantities;
  readonly limits: Quantities;
}

type Quantities = Readonly<Record<string, string>>;

/** What manifests/ ask for. No limit of CPU: it could pass a LimitRange's maximum, and the programs would start slowly. */
export const DEFAULT_RESOURCES: PodResources = {
  requests: { cpu: '50m', memory: '96Mi' },
  limits: { memory: '384Mi' },
};

/** The defaults with what is asked for in their place; no default request is above a limit, or the other way round. */
export function completeResources(asked: PodResources): PodResources {
  const { requests, limits } = DEFAULT_RESOURCES;
  return {
    requests: { ...within(requests, asked.limits, (request, limit) => request > limit), ...asked.requests },
    limits: { ...within(limits, asked.requests, (limit, request) => limit < request), ...asked.limits },
  };
}

function within(
  defaults: Quantities,
  bounds: Quantities,
  passes: (value: number, bound: number) => boolean,
): Quantities {
  const kept = Object.entries(defaults).map(([name, value]) => {
    const bound = bounds[name] ?? value;
    return [name, passes(amountOf(value), amountOf(bound)) ? bound : value];
  });
  return Object.fromEntries(kept);
}

const UNITS: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A quantity as a number (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/); NaN for any other text. */
export function amountOf(quantity: string): number {
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?)([mkMGT]|[KMGT]i)?$/.exec(quantity) ?? [];
  return Number(digits ?? Number.NaN) * (UNITS[unit] ?? Number.NaN);
}
