/** How the API behaves where the vendor's document leaves it open, or where it has been seen to differ. */
export interface DigitaloceanBehaviour {
  /** Milliseconds until the server has a change of a user. */
  propagationMs: number;
  /** Milliseconds after its POST for which a user is not found when read. */
  notFoundMs: number;
  /** Milliseconds that it takes at least to make or remove a user or a database; others are refused meanwhile. */
  changeMs: number;
  /** A token without the scope database:view_credentials: no answer has a password, no connection a user. */
  hidesCredentials: boolean;
  /** Status of a POST of something that exists. */
  existingStatus: 409 | 422;
  /** Statuses of the cluster, a read each; then it is online. */
  statuses: ('creating' | 'resizing' | 'migrating' | 'forking')[];
  /** Whether users are read without their settings. */
  getLacksSettings: boolean;
  /** What a PUT of `mongo_user_settings` does: applies it, does nothing in spite of a 201, or answers 422 or 501. */
  updateSettings: 'applied' | 'ignored' | 'refused' | 'not implemented';
  /** Requests until 429 is answered; undefined for no limit. */
  requestsLeft: number | undefined;
}

export function usualBehaviour(): DigitaloceanBehaviour {
  return {
    propagationMs: 0,
    notFoundMs: 0,
    changeMs: 20,
    hidesCredentials: false,
    existingStatus: 422,
    statuses: [],
    getLacksSettings: false,
    updateSettings: 'applied',
    requestsLeft: undefined,
  };
}
