/** How the API behaves where the vendor's document leaves it open, or what has been set up around it. */
export interface AtlasBehaviour {
  /** Milliseconds until the server has a change of a user; the status is PENDING until then. */
  propagationMs: number;
  /** Milliseconds after a change for which the status still says APPLIED. */
  statusLags: number;
  /** `errorCode` of the 409 to a POST of a user that exists. */
  existingErrorCode: string;
  /** States of the cluster, a read each; then it is IDLE. */
  states: ('CREATING' | 'UPDATING' | 'REPAIRING' | 'DELETING' | 'DELETED')[];
  isPaused: boolean;
  /** `deleteAfterDate` of every user. */
  deletedAt: string | undefined;
  /** Access tokens that the service account can have at a time. */
  tokenLimit: number;
  /** Whether the caller's address is on the access list of the key. */
  isOnAccessList: boolean;
  /** Whether the key has a role that may do this in the project. */
  isAllowed: boolean;
  /** Users that the project can have. */
  userLimit: number;
  /** Answer to a POST beyond `userLimit`; the document does not name it. */
  limitStatus: 400 | 403;
  limitErrorCode: string;
  /** A media type that has been switched off: it is answered by 410. */
  goneMediaType: string | undefined;
}

export function usualBehaviour(): AtlasBehaviour {
  return {
    propagationMs: 0,
    statusLags: 0,
    existingErrorCode: 'USER_ALREADY_EXISTS',
    states: [],
    isPaused: false,
    deletedAt: undefined,
    tokenLimit: 100,
    isOnAccessList: true,
    isAllowed: true,
    userLimit: 100,
    limitStatus: 400,
    limitErrorCode: 'MAXIMUM_USERS_EXCEEDED',
    goneMediaType: undefined,
  };
}
