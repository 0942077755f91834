/** Where the program is. */
export declare const path: string;
