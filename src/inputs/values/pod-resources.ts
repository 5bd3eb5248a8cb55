import { amountOf, completeResources, type PodResources } from '../../cluster/objects/pod-resources.ts';
import { quoted } from '../../core/quote.ts';
import { InvalidValue } from '../problems.ts';

/** `requests.cpu=100m`, one a line or between commas. @throws InvalidValue */
export function podResources(value: string): string {
  const { requests, limits } = resourcesIn(value);
  for (const [name, limit] of Object.entries(limits)) {
    const request = requests[name];
    if (request !== undefined && amountOf(request) > amountOf(limit))
      throw new InvalidValue(`has a request of ${request} ${name}, which is above the limit of ${limit}`);
  }
  return value;
}

/** What a value that `podResources` took asks for, with the defaults for the rest; undefined where there is none. */
export function podResourcesOf(value: string | undefined): PodResources | undefined {
  return value === undefined ? undefined : completeResources(resourcesIn(value));
}

function resourcesIn(value: string): PodResources {
  const found = { requests: new Map<string, string>(), limits: new Map<string, string>() };
  for (const part of value.split(/[\n,]/).map((one) => one.trim())) {
    if (part === '') continue;
    const [, kind, name, amount = ''] = /^(requests|limits)\.([a-z0-9][\w./-]{0,62})\s*=\s*(\S+)$/.exec(part) ?? [];
    if ((kind !== 'requests' && kind !== 'limits') || name === undefined || Number.isNaN(amountOf(amount))) {
      throw new InvalidValue(
        `has ${quoted(part)}: give requests.<resource>=<quantity> or limits.<resource>=<quantity>, such as limits.cpu=500m or limits.memory=512Mi`,
      );
    }
    found[kind].set(name, amount);
  }
  return { requests: Object.fromEntries(found.requests), limits: Object.fromEntries(found.limits) };
}
