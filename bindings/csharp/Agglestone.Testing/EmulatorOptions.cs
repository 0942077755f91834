using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;

namespace Agglestone.Testing;

/// <summary>How an emulator is started.</summary>
[DebuggerDisplay("{TenantId,nq}")]
public sealed class EmulatorOptions
{
    /// <summary>The program. Default: what <c>AGGLESTONE_EMULATOR</c> names, the one in the package, or <c>agglestone-emulator</c> on the <c>PATH</c>.</summary>
    public string? Binary { get; set; }

    /// <summary>The tenant to serve; null for the emulator's own.</summary>
    public string? TenantId { get; set; }

    /// <summary>Users instead of the 45 demo users; each needs a <see cref="User.UserId"/>.</summary>
    public IEnumerable<User>? Users { get; set; }

    /// <summary>The primary API key. Default: random.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? PrimaryApiKey { get; set; }

    /// <summary>The secondary API key. Default: random.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? SecondaryApiKey { get; set; }

    /// <summary>How long tokens live, in whole seconds. Default: 15 minutes.</summary>
    public TimeSpan? TokenLifetime { get; set; }

    /// <summary>
    /// Serve HTTPS with a certificate of its own, which <see cref="Emulator.ClientOptions"/> trusts. Default: <c>false</c>.
    /// </summary>
    public bool Tls { get; set; }

    /// <summary>Further arguments of the program.</summary>
    public IReadOnlyList<string> Arguments { get; set; } = [];

    /// <summary>All of this as arguments, but for the users.</summary>
    internal IEnumerable<string> ProgramArguments()
    {
        var lifetime = TokenLifetime is { } time ? ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture) : null;
        foreach (var argument in Arguments)
        {
            yield return argument;
        }

        foreach (var (name, value) in new[]
        {
            ("tenant", TenantId),
            ("primary-api-key", PrimaryApiKey),
            ("secondary-api-key", SecondaryApiKey),
            ("token-lifetime", lifetime),
            ("tls", Tls ? "self-signed" : null),
        })
        {
            if (value is not null)
            {
                yield return $"--{name}={value}";
            }
        }
    }
}
