import { isDeepStrictEqual } from 'node:util';
import type { ResourceState } from '../core/report.ts';
import type { KubeObject } from './objects/objects.ts';

/**
 * What an apply came to: whether the object was made, changed in what people set (labels, annotations, finalizers, spec),
 * or is as it was. Its resourceVersion does not tell, as a controller may have written its status meanwhile.
 *
 * @param before the object as it was, undefined where there was none
 */
export function stateAfter(before: KubeObject | undefined, after: KubeObject): ResourceState['state'] {
  if (before === undefined) return 'created';
  return isDeepStrictEqual(settingsOf(before), settingsOf(after)) ? 'unchanged' : 'updated';
}

function settingsOf({ metadata: { labels, annotations, finalizers } = {}, spec }: KubeObject) {
  return { labels, annotations, finalizers, spec };
}
