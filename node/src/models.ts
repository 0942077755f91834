/**
 * The service's records, as it sends them.
 */

/** A user. Only the id is certain; other fields than these are kept as they came. */
export interface User {
  /** The user's id, a GUID. */
  userId: string;
  /** The e-mail address. */
  email?: string | null;
  /** The name to show. */
  displayName?: string | null;
  /** The kind of user; only `Standard` is documented. */
  userType?: string | null;
  /** Whether the user may sign in. */
  enabled?: boolean | null;
  /** When the user last signed in, ISO 8601 in UTC. */
  lastLoggedIn?: string | null;
  /** When the user's token was last renewed, ISO 8601 in UTC. */
  lastTokenRefresh?: string | null;
  /** Whether the user owns the tenant. */
  owner?: boolean | null;
  /** Whether the user must choose a new password. */
  requirePasswordReset?: boolean | null;
  /** Every other field. */
  [field: string]: unknown;
}

/** One page of users. */
export interface UsersPage {
  /** The users of this page. */
  data: User[];
  /** This page's number, counted from 1. */
  pageNumber?: number;
  /** How many users a page holds at most. */
  pageSize?: number;
  /** How many users there are in all. */
  totalRecords?: number;
  /** Every other field. */
  [field: string]: unknown;
}

/** What a verified token says. */
export interface Claims {
  /** The user that the token represents: its claim `userId`, or else `sub`. */
  userId: string;
  /** The groups that the user is in; empty when the token names none. */
  groups: string[];
  /** Who issued the token. */
  iss: string;
  /** The tenant. */
  tenantId: string;
  /** When the token expires, in seconds since 1970. */
  exp: number;
  /** Every other claim, as the token has it. */
  [claim: string]: unknown;
}
