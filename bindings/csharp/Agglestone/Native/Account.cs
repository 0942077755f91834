namespace Agglestone.Native;

/// <summary>What a call did (agg_account). Texts are made anew each time that they are asked for.</summary>
internal readonly unsafe partial struct Account
{
    internal bool HasBegun => !method.Bytes.IsEmpty;

    internal string Method => method.ToString();

    internal string Route => route.ToString();

    internal string ServerAddress => serverAddress.ToString();

    internal int ServerPort => serverPort;

    internal string? Error => error.TextOrNull;

    internal string? Token => token.TextOrNull;

    internal string? TokenStore => tokenStore.TextOrNull;

    internal int Failovers => checked((int)failovers);

    internal int AttemptCount => checked((int)attemptCount);

    internal ref readonly Attempt Attempt(int place) => ref *attempts[place];
}
