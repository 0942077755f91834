import type { ErrorData } from './native.js';
export function toError(data: ErrorData): Error { return new Error(data.message); }
