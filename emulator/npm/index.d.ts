/** Where the program is. `agglestone/testing` finds it by itself. */
export declare const path: string;
