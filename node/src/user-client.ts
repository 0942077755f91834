/**
 * The tenant as one user sees it.
 */
import type { Session } from './dispatch.js';
import { TenantApi } from './tenant-api.js';

/**
 * Makes calls as a user: with the user's token, fetched and renewed as needed, and without the API key. The user's own
 * rights apply; what the user may not do rejects with a {@link PermissionDeniedError}.
 *
 * It belongs to the client it came from, and is closed with it.
 */
export class UserClient extends TenantApi {
  /** The user it stands for. */
  readonly userId: string;

  /** @internal */
  constructor(session: Session, userId: string) {
    super(session, userId);
    this.userId = userId;
  }
}
