import type { JsonObject } from '../kubernetes/json.ts';
import { now } from '../kubernetes/store.ts';

/**
 * What Argo CD writes into an Application, as merge patches
 * (https://github.com/argoproj/argo-cd/blob/master/pkg/apis/application/v1alpha1/types.go, ApplicationStatus).
 */

export interface Resource {
  readonly kind: string;
  readonly name: string;
}

/** The manifests cannot be made: what is in the cluster is compared with nothing. */
export function comparisonError(message: string, targetRevision: string): JsonObject {
  const text = `Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = ${message}`;
  return compared({
    conditions: [{ type: 'ComparisonError', message: text, lastTransitionTime: now() }],
    // Argo CD 3.5 writes the revision as the Application names it.
    sync: { status: 'Unknown', revision: targetRevision },
    health: { status: 'Healthy' },
  });
}

export function outOfSync(revision: string): JsonObject {
  return compared({ sync: { status: 'OutOfSync', revision }, health: { status: 'Missing' } });
}

export function operationRequested(revision: string): JsonObject {
  return { operation: operation(revision), status: { operationState: null } };
}

export function operationRunning(revision: string): JsonObject {
  const operationState = {
    phase: 'Running',
    message: 'waiting for healthy state of apps/Deployment/lms',
    startedAt: now(),
    finishedAt: null,
    operation: operation(revision),
    syncResult: { revision },
  };
  // The operation stays until it has ended, through its retries.
  return { status: { operationState } };
}

export function operationSucceeded(revision: string): JsonObject {
  const message = 'successfully synced (all tasks run)';
  const operationState = { phase: 'Succeeded', message, finishedAt: now(), syncResult: { revision } };
  return { operation: null, status: { operationState } };
}

export function operationFailed(revision: string, resource: Resource, message: string): JsonObject {
  return {
    operation: null,
    status: {
      operationState: {
        phase: 'Failed',
        message: `one or more objects failed to apply, reason: ${message}`,
        finishedAt: now(),
        syncResult: { revision, resources: [{ ...resource, status: 'SyncFailed', message }] },
      },
    },
  };
}

export function synced(revision: string, health: string): JsonObject {
  return compared({ sync: { status: 'Synced', revision }, health: { status: health } });
}

/** @param message of the resource's health; undefined where that does not stand in the Application */
export function degraded(revision: string, resource: Resource, message: string | undefined): JsonObject {
  const health = message === undefined ? {} : { health: { status: 'Degraded', message } };
  return compared({
    sync: { status: 'Synced', revision },
    health: { status: 'Degraded' },
    resources: [
      {
        kind: 'Service',
        name: 'lms',
        status: 'Synced',
        ...(message === undefined ? {} : { health: { status: 'Healthy' } }),
      },
      { ...resource, status: 'Synced', ...health },
    ],
    ...(message === undefined ? { resourceHealthSource: 'appTree' } : {}),
  });
}

function compared(status: JsonObject): JsonObject {
  return { status: { conditions: null, ...status, reconciledAt: now() } };
}

function operation(revision: string): JsonObject {
  return { sync: { revision }, initiatedBy: { automated: true }, retry: { limit: 2 } };
}
