using System;

using Agglestone;
using Agglestone.AspNetCore;

using Microsoft.AspNetCore.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What an application in ASP.NET Core needs besides a client.</summary>
public static class AgglestoneAspNetCoreExtensions
{
    /// <summary>
    /// Has <c>app.UseExceptionHandler()</c> answer problem details for errors of the client: 403, 404, 409 and 429 (with
    /// Retry-After) pass on, a refused argument is 400, a timeout 504, and what is between the application and the service, refused
    /// keys among it, 502. The client's own texts stay out of it.
    /// </summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddAgglestoneProblemDetails(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddProblemDetails().AddExceptionHandler<AgglestoneExceptionHandler>();
    }

    /// <summary>Adds a scoped <see cref="AgglestoneUserClient"/> for whoever is signed in.</summary>
    /// <param name="services">The services, with a client.</param>
    /// <param name="claimType">The claim that holds the user's id.</param>
    public static IServiceCollection AddAgglestoneSignedInUser(this IServiceCollection services, string claimType = "sub")
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddHttpContextAccessor().AddAgglestoneUser(
            provider => provider.GetRequiredService<IHttpContextAccessor>().HttpContext?.User.FindFirst(claimType)?.Value);
    }
}
