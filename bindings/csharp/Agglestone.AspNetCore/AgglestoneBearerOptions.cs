using System;

using Microsoft.AspNetCore.Authentication;

namespace Agglestone.AspNetCore;

/// <summary>How users are authenticated by their tokens.</summary>
public class AgglestoneBearerOptions : AuthenticationSchemeOptions
{
    /// <summary>
    /// Gives the client, for each request; whoever made it disposes it. Default: the <see cref="AgglestoneClient"/> of the services.
    /// </summary>
    public Func<IServiceProvider, AgglestoneClient>? Client { get; set; }

    /// <summary>What is to be asked besides, as by <see cref="AgglestoneTenantCalls.VerifyTokenAsync"/>. Default: nothing.</summary>
    public TokenCheck Check { get; set; }
}
