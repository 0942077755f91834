using System;

using Agglestone;
using Agglestone.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets an HttpClient call other services of the tenant as a user.</summary>
public static class AgglestoneHttpClientBuilderExtensions
{
    /// <summary>
    /// Sends the user's token with each request. One that is refused with 401 is exchanged anew, and the request is sent once more.
    /// </summary>
    /// <param name="builder">The HttpClient. Its address has to be one that the token is for.</param>
    /// <param name="userId">The user's id.</param>
    public static IHttpClientBuilder AddAgglestoneUserToken(this IHttpClientBuilder builder, string userId)
    {
        ArgumentNullException.ThrowIfNull(userId);
        return builder.AddAgglestoneUserToken(_ => userId);
    }

    /// <summary>The same for a user who is found anew for each request.</summary>
    /// <param name="builder">The HttpClient. Its address has to be one that the token is for.</param>
    /// <param name="userId">Finds the user's id with the services of the handler, which live longer than a request: ask for
    /// something like IHttpContextAccessor.</param>
    public static IHttpClientBuilder AddAgglestoneUserToken(this IHttpClientBuilder builder, Func<IServiceProvider, string?> userId)
    {
        ArgumentNullException.ThrowIfNull(userId);
        return builder.AddHttpMessageHandler(provider => new UserTokenHandler(provider.GetRequiredService<AgglestoneClient>(), () => userId(provider)));
    }
}
