import { amountOf, completeResources, type PodResources } from '../../cluster/objects/pod-resources.ts';
import type { Kind } from '../../core/kinds.ts';
import { quoted } from '../../core/quote.ts';
import { InvalidValue } from '../problems.ts';

/** Prefixes of labels that this action and the controllers of the cluster set themselves. */
const RESERVED = /^(?:launchpad-provision\/|workflows\.argoproj\.io\/|kubernetes\.io\/metadata\.name$)/;
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const KEY = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

/** `key=value`, one a line or between commas; the value as Kubernetes takes it for a label. @throws InvalidValue */
export function labels(value: string): string {
  const pairs = Object.entries(pairsOf(value, /[\n,]/));
  for (const [key, text] of pairs) {
    if (!LABEL_VALUE.test(text)) {
      throw new InvalidValue(
        `has the label ${key} with a value that Kubernetes does not take: give at most 63 letters, digits, "-", "_" and "."`,
      );
    }
  }
  return value;
}

/** The value of a label. @throws InvalidValue */
export function labelValue(value: string): string {
  if (LABEL_VALUE.test(value)) return value;
  throw new InvalidValue('is not the value of a label: give at most 63 letters, digits, "-", "_" and "."');
}

/** `key=value`, one a line; the value may be any text. @throws InvalidValue */
export function annotations(value: string): string {
  pairsOf(value, /\n/);
  return value;
}

/** The pairs of a value that `labels` or `annotations` took. */
export function labelsOf(value: string | undefined): Readonly<Record<string, string>> {
  return pairsOf(value ?? '', /[\n,]/);
}

export function annotationsOf(value: string | undefined): Readonly<Record<string, string>> {
  return pairsOf(value ?? '', /\n/);
}

function pairsOf(value: string, separator: RegExp): Record<string, string> {
  const parts = value.split(separator).map((part) => part.trim());
  return Object.fromEntries(parts.filter((part) => part !== '').map(pairOf));
}

function pairOf(part: string): readonly [string, string] {
  const [key = '', ...rest] = part.split('=');
  if (rest.length === 0 || !KEY.test(key.trim())) {
    throw new InvalidValue('is not a list of key=value: give one a line, such as "team=courses"');
  }
  if (RESERVED.test(key)) throw new InvalidValue(`has ${key}, which is set by the action or the cluster: leave it out`);
  return [key.trim(), rest.join('=').trim()];
}

/** What deprovisioning can leave, with the workflows that would delete it. */
const KEPT: ReadonlyMap<string, readonly Kind[]> = new Map([
  ['bucket', ['storage']],
  ['databases', ['mysql', 'mongodb']],
]);

/** `bucket`, `databases` or both, between commas or one a line. @throws InvalidValue */
export function keepList(value: string): string {
  const known = [...KEPT.keys()].join(' and ');
  for (const word of wordsOf(value)) {
    if (!KEPT.has(word))
      throw new InvalidValue(`has ${JSON.stringify(word)}, which cannot be kept: give ${known}, or one of them`);
  }
  return value;
}

/** The kinds of work that such a list leaves out. */
export function keptKinds(value: string | undefined): Kind[] {
  return wordsOf(value ?? '').flatMap((word) => KEPT.get(word) ?? []);
}

function wordsOf(value: string): string[] {
  const words = value.split(/[\s,]+/).map((word) => word.toLowerCase());
  return [...new Set(words)].filter((word) => word !== '');
}

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
